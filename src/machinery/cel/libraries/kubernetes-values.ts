import { formatIp, type Ip } from '../../ip.ts'
import { type GoUrl, urlText } from '../../go-url.ts'
import { type NetPrefix } from '../../net-ip.ts'
import { compareQuantities, formatQuantity, type Quantity } from '../../quantity.ts'
import { compareVersions, type SemanticVersion, versionText } from '../../semantic-version.ts'
import { objectType, opaqueType } from '../type.ts'
import { ObjectValue, type Value } from '../value.ts'

/** The types that Kubernetes' libraries bring (apiserver pkg/cel). */
export const urlType = objectType('kubernetes.URL')
export const quantityType = objectType('kubernetes.Quantity')
export const ipType = opaqueType('net.IP')
export const cidrType = opaqueType('net.CIDR')
export const formatType = objectType('kubernetes.NamedFormat')
export const semverType = objectType('kubernetes.Semver')

export class UrlValue extends ObjectValue {
  readonly type = urlType
  readonly url: GoUrl
  constructor(url: GoUrl) {
    super()
    this.url = url
  }
  equals(other: UrlValue): Value {
    return urlText(other.url) === urlText(this.url)
  }
  override toText(): string {
    return urlText(this.url)
  }
}

export class QuantityValue extends ObjectValue {
  readonly type = quantityType
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }
  equals(other: QuantityValue): Value {
    return compareQuantities(this.quantity, other.quantity) === 0
  }
  override toText(): string {
    return formatQuantity(this.quantity)
  }
}

export class IpValue extends ObjectValue {
  readonly type = ipType
  readonly ip: Ip
  constructor(ip: Ip) {
    super()
    this.ip = ip
  }
  equals(other: IpValue): Value {
    return other.ip.family === this.ip.family && other.ip.value === this.ip.value
  }
  override get size(): number {
    return this.ip.family === 4 ? 4 : 16
  }
  override toText(): string {
    return formatIp(this.ip)
  }
}

export class CidrValue extends ObjectValue {
  readonly type = cidrType
  readonly prefix: NetPrefix
  constructor(prefix: NetPrefix) {
    super()
    this.prefix = prefix
  }
  equals(other: CidrValue): Value {
    const [a, b] = [this.prefix, other.prefix]
    return a.bits === b.bits && a.address.family === b.address.family && a.address.value === b.address.value
  }
  override get size(): number {
    return Math.ceil(this.prefix.bits / 8)
  }
  override toText(): string {
    return `${formatIp(this.prefix.address)}/${this.prefix.bits}`
  }
}

export class SemverValue extends ObjectValue {
  readonly type = semverType
  readonly version: SemanticVersion
  constructor(version: SemanticVersion) {
    super()
    this.version = version
  }
  equals(other: SemverValue): Value {
    return compareVersions(this.version, other.version) === 0
  }
  override toText(): string {
    return versionText(this.version)
  }
}
