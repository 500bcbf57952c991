import type { ResourceDefinition } from '../../api/definition.ts'
import { versionsOf } from '../../api/kind-versions.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { decodeValue } from '../../machinery/codec/json/decode.ts'
import { decodeProtobufMessage, isProtobuf, openProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import type { Draft } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { encodeObject } from '../cache/stored-object.ts'
import { isSealed } from '../encryption/providers/provider.ts'

/**
 * A stored value as the JSON that we would have written. What kube-apiserver wrote is protobuf, or JSON with a line end
 * behind it, as Go's encoder has it, which ours never is. Such a value lacks what its readers add at each reading:
 * defaults that are no part of what a client sent, e.g. a claim's phase. Throws DecodeError for what cannot be read.
 */
export function plainJson(value: Uint8Array, definition: ResourceDefinition): Uint8Array {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (isProtobuf(value)) {
    const { gvk, raw } = openProtobuf(buffer)
    const schema = schemaOfKind(gvk.group, gvk.version, gvk.kind)
    if (schema === undefined) throw new Error(`the store holds an object of an unknown kind: ${gvk.kind}`)
    return encodeObject(defaulted(decodeProtobufMessage(raw, gvk, schema), definition))
  }
  if (value.at(-1) !== lineEnd || isSealed(value)) return value
  // Stored forms and custom resources know by themselves what an object lacks.
  if (!definition.protobuf || definition.rules.storedForm !== undefined) return buffer.subarray(0, -1)
  const object = JSON.parse(buffer.toString()) as KubeObject
  const schema = versionNamed(object.apiVersion, definition)?.schema ?? definition.schema
  return encodeObject(defaulted(decodeValue(object, schema).value as Record<string, unknown>, definition))
}

/** Another declared version of the kind, in which releases of old may have stored it. */
function versionNamed(apiVersion: string, definition: ResourceDefinition): ResourceDefinition | undefined {
  if (apiVersion === apiVersionOf(definition)) return undefined
  return versionsOf(definition).find((each) => apiVersionOf(each) === apiVersion)
}

const lineEnd = 0x0a

function defaulted(object: Record<string, unknown>, definition: ResourceDefinition): KubeObject {
  if (definition.rules.storedForm !== undefined) return object as unknown as KubeObject
  const stored = object as unknown as KubeObject
  const { conversion } = versionNamed(stored.apiVersion, definition)?.rules ?? {}
  const draft = (conversion?.toStorage(stored) ?? stored) as Draft<KubeObject>
  definition.rules.setDefaults?.(draft)
  return normalize(definition.schema, draft) as KubeObject
}
