import {
  JsonPatchValue,
  patchJson,
  PatchObject,
  typeNameProblems,
} from '../../../api/admissionregistration/expressions/patch-types.ts'
import { schemaOfKind } from '../../../api/schema/facts.ts'
import { strictDecodingMessage } from '../../../machinery/codec/decode-error.ts'
import { CelError, ListValue, type Value } from '../../../machinery/cel/value.ts'
import { internalError } from '../../../machinery/errors.ts'
import { isObject } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { mergeValues } from '../../../machinery/patch/apply/merge.ts'
import { formOf, memberType, objectTypeOf, type ObjectType } from '../../../machinery/patch/apply/object-type.ts'
import { fieldElement, printElement } from '../../../machinery/patch/apply/path-element.ts'
import { faultText, typeFaults } from '../../../machinery/patch/apply/typed-validation.ts'
import { applyJsonPatch, JsonPatchFailed } from '../../../machinery/patch/json-patch.ts'
import { type BodyKind, decodeMade } from '../../negotiation/decode-body.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import type { Match } from '../policy/match-resources.ts'

/** A mutation cannot be applied; the text says why. The failure policy decides what becomes of it. */
export class MutationFailed extends Error {
  override readonly name = 'MutationFailed'
}

/** How objects of the request are read: in the version that the policy's rules name. */
export function bodyKindOf({ definition }: AdmissionAttributes, match: Match): BodyKind {
  const { group, version, kind } = match.kind
  const main = match.definition ?? definition
  if (main.kind === kind && main.group === group) return main
  const schema = schemaOfKind(group, version, kind)
  if (schema === undefined) throw internalError(`no schema for ${group}/${version}, Kind=${kind}`)
  return { group, version, kind, schema, protobuf: true }
}

/**
 * The object as the value of a JSONPatch expression makes it; the same object when a `test` of the patch does not hold
 * (apiserver pkg/admission/plugin/policy/mutating/patch/json_patch.go). Throws MutationFailed, or ApiError.
 */
export function applyJsonPatchValue(value: Value, object: KubeObject, as: BodyKind): KubeObject {
  if (!(value instanceof ListValue))
    throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array')
  const operations = [...value].map(operationOf)
  let patched: unknown
  try {
    patched = applyJsonPatch(object, operations)
  } catch (error) {
    if (!(error instanceof JsonPatchFailed)) throw error
    if (error.testFailed) return object
    throw new MutationFailed(`JSON Patch: ${error.why}`)
  }
  const { value: decoded, strictErrors } = decodeOrRefuse(patched, as)
  if (strictErrors.length > 0) throw internalError(strictDecodingMessage(strictErrors))
  return decoded
}

function operationOf(value: Value): Record<string, unknown> {
  if (!(value instanceof JsonPatchValue))
    throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch')
  const text = (field: string) => {
    const found = value.fields.get(field)
    return typeof found === 'string' ? found : ''
  }
  const operation: Record<string, unknown> = { op: text('op'), path: text('path') }
  if (text('from') !== '') operation['from'] = text('from')
  const given = value.fields.get('value')
  if (given === undefined) return operation
  if (given instanceof PatchObject) checkTypeNames(given, typePath(given))
  const json = patchJson(given)
  if (json instanceof CelError)
    throw new MutationFailed(
      `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${json.message}`,
    )
  return { ...operation, value: json }
}

const typePath = ({ type }: PatchObject): readonly string[] => type.name.split('.')

function checkTypeNames(value: PatchObject, path: readonly string[]): void {
  const problems = typeNameProblems(value, path)
  if (problems.length > 0) throw new MutationFailed(`type mismatch: ${problems.join('\n')}`)
}

/**
 * The object merged with the value of an ApplyConfiguration expression, as server-side apply merges it, but nobody comes
 * to own anything (patch/smd.go). Throws MutationFailed.
 */
export function applyConfigurationValue(value: Value, object: KubeObject, as: BodyKind): KubeObject {
  if (!(value instanceof PatchObject))
    throw new MutationFailed('unsupported return type from ApplyConfiguration expression')
  checkTypeNames(value, ['Object'])
  const json = patchJson(value)
  const failed = (why: string) => new MutationFailed(`error applying patch: ${why}`)
  if (json instanceof CelError) throw failed(json.message)
  const patch = { ...(json as object), apiVersion: object.apiVersion, kind: object.kind }
  const type = objectTypeOf(as.schema)
  const faults = typeFaults(patch, type, false)
  if (faults.length > 0) throw failed(`failed to convert patch object to typed object: ${faultText(faults)}`)
  const atomics = atomicPaths(patch, type, '')
  if (atomics.length > 0)
    throw failed(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`)
  const liveFaults = typeFaults(object, type, true)
  if (liveFaults.length > 0) throw failed(`failed to convert original object to typed object: ${faultText(liveFaults)}`)
  return decodeOrRefuse(mergeValues(object, patch, type), as).value
}

/** Where the value has what is replaced as a whole: who sets a part of it would lose the rest unawares. */
function atomicPaths(value: unknown, whole: ObjectType, path: string): string[] {
  if (value === null || value === undefined) return []
  const type = formOf(whole, value)
  if (type.map !== undefined && isObject(value)) {
    const { map } = type
    const own = map.atomic ? [path] : []
    return Object.entries(value).reduce((found, [name, member]) => {
      const of = map.fields.has(name) ? memberType(map, name) : undefined
      return of === undefined
        ? found
        : found.concat(atomicPaths(member, of, `${path}${printElement(fieldElement(name))}`))
    }, own)
  }
  if (type.list !== undefined && Array.isArray(value)) {
    const { list } = type
    const own = list.relationship === 'atomic' ? [path] : []
    return own.concat(value.flatMap((item, index) => atomicPaths(item, list.element, `${path}[${index}]`)))
  }
  return []
}

function decodeOrRefuse(value: unknown, as: BodyKind) {
  try {
    const decoded = decodeMade(value, as)
    return { value: decoded.value as unknown as KubeObject, strictErrors: decoded.strictErrors }
  } catch (error) {
    throw internalError(error)
  }
}
