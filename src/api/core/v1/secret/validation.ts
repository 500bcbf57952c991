import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { configMapKey } from '../../../../machinery/validation/value-formats.ts'
import { checkField } from '../../../field-checks.ts'
import type { Secret } from '../../../types.generated.ts'
import { tlsPairFault } from '../tls-pair.ts'

const maxBytes = 1024 * 1024
const accountName = 'kubernetes.io/service-account.name'

/** pkg/apis/core/validation ValidateSecret: what must be in a secret of a type that Kubernetes knows. */
export function validateSecret({ metadata, type, data = {} }: Secret): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, base64] of Object.entries(data)) {
    errors.push(...checkField(key, `data[${key}]`, configMapKey))
    bytes += Buffer.byteLength(base64, 'base64')
  }
  if (bytes > maxBytes) errors.push(fieldErrors.tooLong('data', '', maxBytes))
  const required = (key: string) => errors.push(fieldErrors.required(`data[${key}]`))
  const has = (key: string) => Object.hasOwn(data, key)
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[accountName]) {
        errors.push(fieldErrors.required(`metadata.annotations[${accountName}]`))
      }
      break
    case 'kubernetes.io/dockercfg':
      errors.push(...validateJson(data, '.dockercfg'))
      break
    case 'kubernetes.io/dockerconfigjson':
      errors.push(...validateJson(data, '.dockerconfigjson'))
      break
    case 'kubernetes.io/basic-auth':
      if (has('username') || has('password')) break
      required('username')
      required('password')
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) required('ssh-privatekey')
      break
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (!has(key)) required(key)
      break
  }
  return errors
}

/** The contents are a JSON object. */
function validateJson(data: Readonly<Record<string, string>>, key: string): FieldError[] {
  const field = `data[${key}]`
  const base64 = data[key]
  if (base64 === undefined) return [fieldErrors.required(field)]
  const wrong = (why: string) => [fieldErrors.invalid(field, '<secret contents redacted>', why)]
  const text = Buffer.from(base64, 'base64').toString()
  if (text.trim() === '') return wrong('unexpected end of JSON input')
  try {
    const value = JSON.parse(text) as unknown
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return []
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return wrong(`json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`)
  } catch (error) {
    return wrong((error as Error).message)
  }
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = validateImmutable(secret.type, old.type, 'type')
  if (old.immutable) {
    const detail = 'field is immutable when `immutable` is set'
    if (!secret.immutable) errors.push(fieldErrors.forbidden('immutable', detail))
    if (!jsonEqual(secret.data, old.data)) errors.push(fieldErrors.forbidden('data', detail))
  }
  return [...errors, ...validateSecret(secret)]
}

/** A key that is not the certificate's is let through, with a word. */
export function tlsWarnings({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const bytes = (key: string) => Buffer.from(data[key] ?? '', 'base64')
  const fault = tlsPairFault(bytes('tls.crt'), bytes('tls.key'))
  return fault === undefined ? [] : [fault]
}
