import { type FieldError, fieldErrors } from '../../machinery/field-error.ts'
import {
  type EncryptionConfiguration,
  groupAndResource,
  type KmsConfiguration,
  type ProviderConfiguration,
} from './encryption-configuration.ts'

const aesKeySizes = [16, 24, 32]
const secretboxKeySizes = [32]
const atLeastOne = (what: string) => `at least one ${what} is required`

/** Checks a configuration, one that is to be read again with `reload` (apiserver pkg/apis/apiserver/validation/validation_encryption.go). No error shows a key. */
export function encryptionErrors({ resources }: EncryptionConfiguration, reload: boolean): FieldError[] {
  if (resources.length === 0) return [fieldErrors.required('resources', atLeastOne('resources'))]
  const kmsNames = { names: new Set<string>(), reload }
  return resources.flatMap(({ resources: names, providers }, index) => {
    const path = `resources[${index}]`
    const missing = (field: string, items: readonly unknown[]) =>
      items.length === 0 ? [fieldErrors.required(`${path}.${field}`, atLeastOne(`${path}.${field}`))] : []
    return [
      ...missing('resources', names),
      ...overlapErrors(names, `${path}.resources`),
      ...names.flatMap((name, at) => nameErrors(name, `${path}.resources[${at}]`)),
      ...missing('providers', providers),
      ...providers.flatMap((provider, at) => providerErrors(provider, `${path}.providers[${at}]`, kmsNames)),
    ]
  })
}

function overlapErrors(names: readonly string[], field: string): FieldError[] {
  const parsed = names.map(groupAndResource)
  const pairs = parsed.flatMap((left, at) => parsed.slice(at + 1).map((right) => [left, right] as const))
  const isAll = ({ group, resource }: (typeof parsed)[number]) => group === '*' && resource === '*'
  const same = pairs.some(([left, right]) => left.group === right.group && left.resource === right.resource)
  const overlap = pairs.some(
    ([left, right]) =>
      !(left.group === right.group && left.resource === right.resource) &&
      (isAll(left) ||
        isAll(right) ||
        (left.group === right.group && (left.resource === '*' || right.resource === '*'))),
  )
  return [
    ...(same ? [fieldErrors.invalid(field, names, 'the same resource cannot be specified multiple times')] : []),
    ...(overlap
      ? [
          fieldErrors.invalid(
            field,
            names,
            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
          ),
        ]
      : []),
  ]
}

function nameErrors(name: string, field: string): FieldError[] {
  const refuse = (why: string) => [fieldErrors.invalid(field, name, why)]
  const { group, resource } = groupAndResource(name)
  if (name !== name.toLowerCase()) return refuse('resource name should not contain capital letters')
  if (name === '*')
    return refuse("use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources")
  if (['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'].includes(name))
    return refuse('resources which do not have REST API/s cannot be encrypted')
  if (group === 'events.k8s.io')
    return refuse(
      "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file",
    )
  if (group === 'extensions') return refuse("'extensions' group has been removed and cannot be used for encryption")
  if (group === '*' && resource !== '*') return refuse('encrypting the same resource across groups is not supported')
  return []
}

/** Those that were given before; where the file is read again, those of version 1 are told apart by them too. */
interface KmsNames {
  readonly names: Set<string>
  readonly reload: boolean
}

function providerErrors(provider: ProviderConfiguration, path: string, kmsNames: KmsNames): FieldError[] {
  const given = Object.values(provider).filter((one) => one !== undefined).length
  const { aesgcm, aescbc, secretbox, kms } = provider
  const shown = 'REDACTED'
  return [
    ...(given === 0
      ? [
          fieldErrors.invalid(
            path,
            shown,
            'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
          ),
        ]
      : []),
    ...(given > 1
      ? [
          fieldErrors.invalid(
            path,
            shown,
            'more than one provider specified in a single element, should split into different list elements',
          ),
        ]
      : []),
    ...(kms === undefined ? [] : kmsErrors(kms, `${path}.kms`, kmsNames)),
    ...(aesgcm === undefined ? [] : keyErrors(aesgcm.keys, `${path}.aesgcm.keys`, aesKeySizes)),
    ...(aescbc === undefined ? [] : keyErrors(aescbc.keys, `${path}.aescbc.keys`, aesKeySizes)),
    ...(secretbox === undefined ? [] : keyErrors(secretbox.keys, `${path}.secretbox.keys`, secretboxKeySizes)),
  ]
}

function keyErrors(
  keys: readonly { readonly name: string; readonly secret: string }[],
  path: string,
  sizes: readonly number[],
): FieldError[] {
  if (keys.length === 0) return [fieldErrors.required(path, atLeastOne('keys'))]
  return keys.flatMap(({ name, secret }, index) => {
    const at = `${path}[${index}]`
    const errors = name === '' ? [fieldErrors.required(`${at}.name`, 'name is a mandatory field for a key')] : []
    if (secret === '') return [...errors, fieldErrors.required(`${at}.secret`, 'secret is a mandatory field for a key')]
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(secret) || secret.length % 4 !== 0)
      return [...errors, fieldErrors.invalid(`${at}.secret`, 'REDACTED', 'secrets must be base64 encoded')]
    const size = Buffer.from(secret, 'base64').length
    if (sizes.includes(size)) return errors
    const why = `secret is not of the expected length, got ${size}, expected one of [${sizes.join(' ')}]`
    return [...errors, fieldErrors.invalid(`${at}.secret`, 'REDACTED', why)]
  })
}

function kmsErrors(kms: KmsConfiguration, path: string, { names, reload }: KmsNames): FieldError[] {
  const { name, apiVersion, timeout, endpoint, cachesize } = kms
  const errors: FieldError[] = []
  const refuse = (field: string, value: unknown, why: string) =>
    errors.push(fieldErrors.invalid(`${path}.${field}`, value, why))
  if (name === '') errors.push(fieldErrors.required(`${path}.name`, 'name is a mandatory field for a provider'))
  if (apiVersion !== 'v1' && name.includes(':'))
    refuse('name', name, `invalid KMS provider name ${name}, must not contain ':'`)
  if ((reload || apiVersion !== 'v1') && names.has(name))
    refuse('name', name, `duplicate KMS provider name ${name}, names must be unique`)
  names.add(name)
  if (timeout <= 0) refuse('timeout', timeout, 'timeout should be a positive value')
  if (endpoint === '') refuse('endpoint', '', 'endpoint is a mandatory field for a kms')
  else if (!URL.canParse(endpoint) || new URL(endpoint).protocol !== 'unix:')
    refuse(
      'endpoint',
      endpoint,
      `unsupported scheme "${URL.canParse(endpoint) ? new URL(endpoint).protocol.slice(0, -1) : ''}" for KMS provider, only unix is supported`,
    )
  if (apiVersion !== 'v1' && cachesize !== undefined) refuse('cachesize', cachesize, 'cachesize is not supported in v2')
  if (apiVersion === 'v1' && cachesize === 0)
    refuse('cachesize', cachesize, 'cachesize should be a positive value, or negative to disable')
  if (apiVersion !== 'v1' && apiVersion !== 'v2')
    refuse('apiVersion', apiVersion, 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported')
  return errors
}
