import { isObject } from '../json.ts'
import { parseApiVersion, type GroupVersionKind } from '../meta/object.ts'
import { DecodeError } from './decode-error.ts'
import { jsonKind } from './json/json-kind.ts'

/**
 * What a JSON value says to be, filled up with what it is expected to be (runtime/serializer/json gvkWithDefaults).
 * `text` is for the error. Throws DecodeError when kind or version stay unknown.
 */
export function gvkOf(value: unknown, text: string, defaults?: GroupVersionKind): GroupVersionKind {
  const { apiVersion, kind } = typeMetaOf(value)
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) throw new DecodeError(`unexpected GroupVersion string: ${apiVersion}`)
  const stated = parseApiVersion(apiVersion)
  const gvk = { group: stated.group, version: stated.version, kind }
  if (defaults) {
    gvk.kind ||= defaults.kind
    if (gvk.version === '' && (gvk.group === '' || gvk.group === defaults.group)) {
      gvk.group = defaults.group
      gvk.version = defaults.version
    }
  }
  if (gvk.kind === '') throw missingKind(text)
  if (gvk.version === '') throw missingVersion(text)
  return gvk
}

function typeMetaOf(value: unknown): { apiVersion: string; kind: string } {
  if (value === null) return { apiVersion: '', kind: '' }
  const fail = (what: unknown, into: string) =>
    new DecodeError(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(what)} into Go ${into}`,
    )
  if (!isObject(value)) {
    const fields =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    throw fail(value, `value of type ${fields}`)
  }
  const member = (name: 'apiVersion' | 'kind') => {
    const found = value[name] ?? ''
    if (typeof found !== 'string') throw fail(found, `struct field .${name} of type string`)
    return found
  }
  return { apiVersion: member('apiVersion'), kind: member('kind') }
}

export function missingKind(data: string): DecodeError {
  return new DecodeError(`Object 'Kind' is missing in '${data}'`)
}
export function missingVersion(data: string): DecodeError {
  return new DecodeError(`Object 'apiVersion' is missing in '${data}'`)
}

/** For messages that quote a body (endpoints/handlers/rest.go summarizeData). */
export function summarizeBody(bytes: Uint8Array, maxLength = 30): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length === 0) return '<empty>'
  const encoding = buffer[0] === 0x7b ? 'utf8' : 'hex'
  return buffer.length > maxLength ? `${buffer.toString(encoding, 0, maxLength)} ...` : buffer.toString(encoding)
}
