import { schemaOfKind } from '../../api/schema/facts.ts'
import { DecodeError, strictDecodingMessage } from '../../machinery/codec/decode-error.ts'
import type { Decoded } from '../../machinery/codec/json/decode.ts'
import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import { fromUnstructured } from '../../machinery/codec/json/from-unstructured.ts'
import { ApiError, invalid } from '../../machinery/errors.ts'
import { fieldErrors, goQuote } from '../../machinery/field-error.ts'
import { isObject, jsonEqual, sortMembers, type Draft } from '../../machinery/json.ts'
import { apiVersionOf, parseApiVersion, type KubeObject } from '../../machinery/meta/object.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { decodeMade, internalType, type BodyKind, type KnownKind } from '../negotiation/decode-body.ts'
import type { Write } from './write.ts'

/** What a JSON or merge patch made, read anew as its kind; what does not fit refuses the patch in upstream's words. */
export function decodedObject(
  write: Write,
  value: unknown,
  as: BodyKind,
  known: KnownKind,
  faults: readonly string[],
  shown: () => string,
): Draft<KubeObject> {
  return read(write, () => decodeKind(value, as, known, shown), faults, shown)
}

/** What a strategic merge patch made. It was never JSON again, so that Go's converter has its say. */
export function restoredObject(
  write: Write,
  value: unknown,
  as: BodyKind,
  faults: readonly string[],
  shown: () => string,
): Draft<KubeObject> {
  const whole = as.protobuf && isObject(value) ? ownKind(value, as) : value
  return read(write, () => restore(whole, as), faults, shown)
}

/** What apply made. Throws 500 as upstream does: its own types refuse what its schemas let through. */
export function convertedConfiguration(
  write: Write,
  value: KubeObject,
  configuration: KubeObject,
  as: BodyKind,
): Draft<KubeObject> {
  try {
    // Written from Go’s maps, as what a strategic merge makes is.
    return read(write, () => restore(sortMembers(value), as), [])
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { namespace = '', name = '' } = configuration.metadata
    const gvk = `${as.group}/${as.version}, Kind=${as.kind}`
    const kind = `${apiVersionOf(as)}, Kind=${as.kind}`
    const message = `failed to convert new object (${namespace}/${name}; ${gvk}) to proper version: unable to convert unstructured object to ${as.group === '' ? gvk : kind}: ${error.message}`
    throw new ApiError({ code: 500, message }, { cause: error })
  }
}

/** `shown`: the object in the refusal's words; without it what is refused is thrown as it is. */
function read(write: Write, decode: () => Decoded, faults: readonly string[], shown?: () => string): Draft<KubeObject> {
  const directive = write.options.fieldValidation || 'Warn'
  try {
    const { value, strictErrors } = decode()
    const all = faults.length === 0 ? strictErrors : [...faults, ...strictErrors]
    if (all.length > 0 && directive === 'Warn') for (const text of all) write.warn(text)
    if (all.length > 0 && directive === 'Strict') throw new DecodeError(strictDecodingMessage(all))
    return value as Draft<KubeObject>
  } catch (error) {
    if (!(error instanceof DecodeError) || shown === undefined) throw error
    throw invalid({ group: '', kind: '' }, '', [fieldErrors.invalid('patch', shown(), error.message)])
  }
}

function restore(value: unknown, as: BodyKind): Decoded {
  try {
    // Nothing of a custom resource is pruned, not even nulls: it was not read anew.
    return decodeMade(value, as.protobuf ? as : { ...as, rules: {} })
  } catch (error) {
    if (!(error instanceof DecodeError) || !as.protobuf) throw error
    return decodeMade(fromUnstructured(value, as.schema), as)
  }
}

/** Whatever a patch says, kind and version stay. */
function ownKind(value: Record<string, unknown>, as: BodyKind): Record<string, unknown> {
  const apiVersion = apiVersionOf(as)
  return value['kind'] === as.kind && value['apiVersion'] === apiVersion
    ? value
    : { ...value, kind: as.kind, apiVersion }
}

/** The patched text is decoded as what it says to be, and must then be convertible to the path's kind. */
function decodeKind(value: unknown, as: BodyKind, known: KnownKind, shown: () => string): Decoded {
  if (!isObject(value) || !as.protobuf) return decodeMade(value, as)
  const { kind, apiVersion } = value as { kind?: unknown; apiVersion?: unknown }
  const own = apiVersionOf(as)
  if ((kind ?? as.kind) === as.kind && (apiVersion ?? own) === own) {
    const whole = ownKind(value, as)
    return decodeMade(whole, as, whole === value ? shown : undefined)
  }
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return decodeMade(value, as)
  const { group, version } = parseApiVersion(apiVersion)
  const schema = schemaOfKind(group, version, kind)
  if (schema === undefined || !known(apiVersion, kind)) {
    const what = `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}`
    throw new DecodeError(`${what} in scheme "pkg/api/legacyscheme/scheme.go:30"`)
  }
  const decoded = decodeMade(value, { ...as, group, version, kind, schema }, shown)
  if (kind === as.kind && group === as.group) return decoded
  throw new DecodeError(`converting (${version}.${kind}) to (${internalType(as)}): unknown conversion`)
}

/**
 * The patched object as upstream's patch library writes it: what the patch reached with sorted members, the rest in the
 * order in which it was encoded.
 */
export function shownPatched(value: unknown, old: KubeObject, as: BodyKind): string {
  return goJsonText(asWritten(value, as.protobuf ? normalize(as.schema, old) : sortMembers(old), true))
}

function asWritten(value: unknown, before: unknown, reached: boolean): unknown {
  if (!reached && jsonEqual(value, before)) return before
  if (Array.isArray(value)) {
    return Array.isArray(before) ? value.map((item, index) => asWritten(item, before[index], false)) : value
  }
  if (!isObject(value)) return value
  const members = isObject(before) ? before : {}
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, asWritten(value[name], members[name], false)]),
  )
}
