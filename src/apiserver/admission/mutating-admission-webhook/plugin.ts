import type { ResourceDefinition } from '../../../api/definition.ts'
import type { MutatingWebhook } from '../../../api/types.generated.ts'
import { schemaOfKind } from '../../../api/schema/facts.ts'
import { DecodeError } from '../../../machinery/codec/decode-error.ts'
import { parseJson } from '../../../machinery/codec/json/decode.ts'
import { internalError } from '../../../machinery/errors.ts'
import { goUnmarshalName } from '../../../machinery/go-print.ts'
import { jsonClone, jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { applyJsonPatch, JsonPatchFailed } from '../../../machinery/patch/json-patch.ts'
import { decodeMade } from '../../negotiation/decode-body.ts'
import { replaceContent } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import { reinvocationOf } from '../reinvocation.ts'
import type { ReviewAnswer } from '../webhook/admission-review.ts'
import { annotateFailedOpen, annotateMutation, annotatePatch, type Place } from '../webhook/audit-annotations.ts'
import { WebhookCallError } from '../webhook/call-error.ts'
import { callHook } from '../webhook/call-hook.ts'
import { isExempt } from '../webhook/exempt.ts'
import { mutatingHooks } from '../webhook/hook.ts'
import { convert, type Invocation, invocationOf } from '../webhook/invocation.ts'
import type { WebhookServices } from '../webhook/services.ts'

/** Asks mutating webhooks, one after the other (apiserver pkg/admission/plugin/webhook/mutating). */
export function createMutatingAdmissionWebhook(services: WebhookServices): AdmissionPlugin {
  const source = mutatingHooks(services.lister)

  /** Returns whether the object changed. */
  async function ask(
    invocation: Invocation<MutatingWebhook>,
    attributes: AdmissionAttributes,
    place: Place,
  ): Promise<boolean> {
    const { definition, hook } = invocation
    const versioned = (object: KubeObject | undefined) =>
      object === undefined || definition === undefined ? object : convert(object, attributes.definition, definition)
    const object = await versioned(attributes.object as KubeObject | undefined)
    const objects = { object, oldObject: await versioned(attributes.oldObject) }
    let changed = false
    try {
      const answer = await callHook(invocation, attributes, objects, true, services)
      const operations = readPatch(answer, hook.webhook.name)
      if (operations.length === 0) return false
      changed = await applyPatch(operations, answer.patchType, hook.webhook.name, object, attributes, definition)
      if (changed && attributes.subresource === '')
        attributes.definition.rules.setDefaults?.(attributes.object!, undefined, services.enabled)
      annotatePatch(attributes, place, hook, operations)
      return changed
    } catch (error) {
      if (!(error instanceof WebhookCallError)) throw error
      if (hook.webhook.failurePolicy !== 'Ignore') throw error.refusal()
      services.log.warn('failed calling webhook, failing open', { webhook: hook.webhook.name, error: error.message })
      annotateFailedOpen(attributes, 'mutation', place, hook)
      return false
    } finally {
      annotateMutation(attributes, place, hook, changed)
    }
  }
  return {
    name: 'MutatingAdmissionWebhook',
    handles: () => true,
    mutate(attributes) {
      const { hooks } = source
      if (hooks.length === 0 || isExempt(attributes)) return
      return (async () => {
        const reinvocation = reinvocationOf(attributes)
        const memory = reinvocation.memory('MutatingAdmissionWebhook', attributes.object)
        const round = reinvocation.isReinvoke ? 1 : 0
        for (const [index, hook] of hooks.entries()) {
          const invocation = await invocationOf(hook, attributes, services)
          if (invocation === undefined) continue
          if (reinvocation.isReinvoke && !memory.reinvoke.has(hook.id)) continue
          const changed = await ask(invocation, attributes, { round, index })
          if (changed) {
            memory.requireReinvoke()
            reinvocation.request()
          }
          if (hook.webhook.reinvocationPolicy === 'IfNeeded') memory.reinvocable.add(hook.id)
        }
        memory.output = jsonClone(attributes.object)
      })()
    },
  }
}

function readPatch({ patch }: ReviewAnswer, webhook: string): readonly unknown[] {
  if (patch === undefined) return []
  const undecodable = (why: string) =>
    new WebhookCallError(webhook, `received undecodable patch in webhook response: ${why}`)
  let operations: unknown
  try {
    operations = parseJson(patch.toString('utf8'))
  } catch (error) {
    throw undecodable((error as Error).message)
  }
  if (Array.isArray(operations)) return operations
  if (operations === null) return []
  throw undecodable(`json: cannot unmarshal ${goUnmarshalName(operations)} into Go value of type jsonpatch.Patch`)
}

/** What webhooks make is read like what clients send: objects hold what their schemas name. Throws an internal error. */
function readPatched(
  patched: KubeObject,
  object: KubeObject,
  definition: ResourceDefinition,
  { kind, subresource }: AdmissionAttributes,
): KubeObject {
  const { group, version } = definition
  if (patched.kind !== object.kind || patched.apiVersion !== object.apiVersion)
    throw internalError(
      `${patched.apiVersion} ${patched.kind} cannot be handled as ${object.apiVersion} ${object.kind}`,
    )
  const isPart = subresource !== '' && object.kind !== definition.kind
  const schema = isPart ? schemaOfKind(kind.group, kind.version, kind.kind) : definition.schema
  if (schema === undefined) return patched
  const as = isPart
    ? { group, version, kind: object.kind, schema, protobuf: true }
    : { ...definition, schema, protobuf: definition.protobuf }
  try {
    return decodeMade(patched, as).value as KubeObject
  } catch (error) {
    throw error instanceof DecodeError ? internalError(error.message) : error
  }
}

async function applyPatch(
  operations: readonly unknown[],
  patchType: string,
  webhook: string,
  object: KubeObject | undefined,
  attributes: AdmissionAttributes,
  definition: ResourceDefinition | undefined,
): Promise<boolean> {
  if (object === undefined || attributes.object === undefined)
    throw internalError(
      `admission webhook ${JSON.stringify(webhook)} attempted to modify the object, which is not supported for this operation`,
    )
  if (patchType !== 'JSONPatch')
    throw new WebhookCallError(webhook, `unsupported patch type ${JSON.stringify(patchType)}`)
  let patched: KubeObject
  try {
    patched = applyJsonPatch(object, operations) as KubeObject
  } catch (error) {
    throw internalError(error instanceof JsonPatchFailed ? error.why : error)
  }
  patched = readPatched(patched, object, definition ?? attributes.definition, attributes)
  if (jsonEqual(patched, object)) return false
  const back = definition === undefined ? patched : await convert(patched, definition, attributes.definition)
  replaceContent(attributes.object, jsonClone(back))
  return true
}
