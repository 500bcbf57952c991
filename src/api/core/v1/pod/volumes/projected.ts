import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../../../machinery/validation/label-selector.ts'
import { labelKey } from '../../../../../machinery/validation/label-names.ts'
import { byteLength } from '../../../../../machinery/validation/message-text.ts'
import {
  clusterTrustBundleName,
  isKubernetesSigner,
  signerOfClusterTrustBundle,
  validateSignerName,
} from '../../../../certificates/signer-name.ts'
import { checkRequired } from '../../../../field-checks.ts'
import type {
  ClusterTrustBundleProjection,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
} from '../../../../types.generated.ts'
import { checkProjectedPath } from '../../paths.ts'
import type { PodSpecRules } from '../validation-rules.ts'
import { validateDownwardFile } from './downward-api.ts'
import { checkFileMode, checkFileUser } from './file-mode.ts'

/** Notes a path; an error when another source has it. `named`: what the error quotes. */
type Claim = (path: string, named?: string) => FieldError[]

/** Volumes made of files from several places (pkg/apis/core/validation validateProjectedVolumeSource). */
export function validateProjected(source: ProjectedVolumeSource, field: string, rules: PodSpecRules): FieldError[] {
  const errors = [
    ...checkFileMode(source.defaultMode, `${field}.defaultMode`),
    ...checkFileUser(source.defaultUser, `${field}.defaultUser`),
  ]
  const paths = new Set<string>()
  const claim: Claim = (path, named = path) => {
    if (paths.has(path)) return [fieldErrors.invalid(field, named, 'conflicting duplicate paths')]
    paths.add(path)
    return []
  }
  for (const [index, projection] of (source.sources ?? []).entries()) {
    const at = `${field}.sources[${index}]`
    const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection
    for (const [member, keys] of [
      ['secret', secret],
      ['configMap', configMap],
    ] as const) {
      if (!keys) continue
      errors.push(...checkRequired(keys.name, `${at}.${member}.name`))
      for (const [item, key] of (keys.items ?? []).entries()) {
        errors.push(...validateKeyToPath(key, `${at}.${member}.items[${item}]`))
        if (key.path) errors.push(...claim(key.path, keys.name ?? ''))
      }
    }
    if (downwardAPI) {
      for (const file of downwardAPI.items ?? []) {
        errors.push(...validateDownwardFile(file, `${at}.downwardAPI`))
        if (file.path) errors.push(...claim(file.path))
      }
    }
    if (serviceAccountToken) errors.push(...validateToken(serviceAccountToken, at, field, rules))
    if (clusterTrustBundle) {
      errors.push(...validateTrustBundle(clusterTrustBundle, `${at}.clusterTrustBundle`))
      errors.push(...claim(clusterTrustBundle.path))
    }
    if (podCertificate) {
      errors.push(...validatePodCertificate(podCertificate, `${at}.podCertificate`, claim))
    }
    const kinds = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate]
    if (kinds.filter(Boolean).length > 1) {
      errors.push(fieldErrors.forbidden(at, 'may not specify more than 1 volume type per source'))
    }
  }
  return errors
}

export function validateKeyToPath({ key, path, mode, user }: KeyToPath, field: string): FieldError[] {
  return [
    ...checkRequired(key, `${field}.key`),
    ...checkRequired(path, `${field}.path`),
    ...checkProjectedPath(path, `${field}.path`),
    ...checkFileMode(mode, `${field}.mode`),
    ...checkFileUser(user, `${field}.user`),
  ]
}

function validateToken(
  token: ServiceAccountTokenProjection,
  at: string,
  volume: string,
  rules: PodSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const { expirationSeconds, path } = token
  const lifetime = `${at}.serviceAccountToken.expirationSeconds`
  if (expirationSeconds === undefined) errors.push(fieldErrors.required(lifetime))
  else if (expirationSeconds < 600) {
    errors.push(fieldErrors.invalid(lifetime, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  } else if (expirationSeconds > 2 ** 32) {
    errors.push(fieldErrors.invalid(lifetime, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  }
  if (!path) errors.push(fieldErrors.required(`${volume}.path`))
  else if (!rules.allowNonLocalTokenPaths) errors.push(...checkProjectedPath(path, `${volume}.path`))
  return [...errors, ...checkFileUser(token.user, `${at}.serviceAccountToken.user`)]
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, at: string): FieldError[] {
  const errors: FieldError[] = []
  const { name, signerName, labelSelector, path } = bundle
  if (name !== undefined && signerName !== undefined) {
    errors.push(fieldErrors.invalid(at, bundle, 'only one of name and signerName may be used'))
  } else if (name !== undefined) {
    if (name === '') errors.push(fieldErrors.required(`${at}.name`, 'must be a valid object name'))
    for (const text of clusterTrustBundleName(signerOfClusterTrustBundle(name) ?? '')(name, false)) {
      errors.push(fieldErrors.invalid(`${at}.name`, name, `not a valid clustertrustbundlename: ${text}`))
    }
    if (labelSelector) {
      const detail = 'labelSelector must be unset if name is specified'
      errors.push(fieldErrors.invalid(`${at}.labelSelector`, labelSelector, detail))
    }
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(fieldErrors.required(`${at}.signerName`, 'must be a valid signer name'))
    errors.push(...validateSignerName(signerName, `${at}.signerName`))
    errors.push(...validateLabelSelector(labelSelector, `${at}.labelSelector`))
  } else errors.push(fieldErrors.required(at, 'either name or signerName must be specified'))
  return [
    ...errors,
    ...checkRequired(path, `${at}.path`),
    ...checkFileUser(bundle.user, `${at}.user`),
    ...checkProjectedPath(path, `${at}.path`),
  ]
}

const keyTypes: readonly string[] = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']
const daySeconds = 24 * 60 * 60
const maxAnnotationBytes = 256 * 1024

function validatePodCertificate(certificate: PodCertificateProjection, at: string, claim: Claim): FieldError[] {
  const { signerName, userAnnotations, keyType = '', maxExpirationSeconds: lifetime } = certificate
  const errors = validateSignerName(signerName, `${at}.signerName`)
  if (userAnnotations) errors.push(...validateUserAnnotations(userAnnotations, `${at}.userAnnotations`))
  errors.push(...checkFileUser(certificate.user, `${at}.user`))
  if (!keyTypes.includes(keyType)) errors.push(fieldErrors.notSupported(`${at}.keyType`, keyType, keyTypes))
  if (lifetime !== undefined) {
    const field = `${at}.maxExpirationSeconds`
    const max = isKubernetesSigner(signerName) ? daySeconds : 91 * daySeconds
    if (lifetime < 3600) {
      errors.push(fieldErrors.invalid(field, lifetime, 'if provided, maxExpirationSeconds must be >= 3600'))
    }
    if (lifetime > max) {
      errors.push(fieldErrors.invalid(field, lifetime, `if provided, maxExpirationSeconds must be <= ${max}`))
    }
  }
  const members = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  const used = members.filter((member) => certificate[member])
  for (const member of used) {
    errors.push(...checkProjectedPath(certificate[member]!, `${at}.${member}`))
    errors.push(...claim(certificate[member]!))
  }
  if (used.length === 0) {
    const detail = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'
    errors.push(fieldErrors.required(at, detail))
  }
  return errors
}

/** Annotations that go into a request for a certificate. */
export function validateUserAnnotations(annotations: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [name, value] of Object.entries(annotations)) {
    const key = name.toLowerCase()
    bytes += byteLength(name) + byteLength(value)
    if (!key) errors.push(fieldErrors.required(field))
    const texts = labelKey(key)
    if (texts.length === 0 && !key.includes('/')) texts.push('must be a domain-prefixed key (such as "acme.io/foo")')
    if (key) errors.push(...texts.map((text) => fieldErrors.invalid(field, key, text)))
  }
  if (bytes > maxAnnotationBytes) errors.push(fieldErrors.tooLong(field, '', maxAnnotationBytes))
  return errors
}
