import type { ResourceDefinition } from '../../../api/definition.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/types.generated.ts'
import { forbidden } from '../../../machinery/errors.ts'
import type { GroupVersionKind, GroupVersionResource, KubeObject } from '../../../machinery/meta/object.ts'
import type { Lister } from '../../lister.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { MatchConditionsFailed } from '../policy/match-conditions.ts'
import type { Hook } from './hook.ts'
import { ruleMatches } from './rules.ts'
import { namespaceSelected, objectSelected } from './selectors.ts'

/** How a webhook is asked about a request: under which resource and kind it knows the object. */
export interface Invocation<W extends MutatingWebhook | ValidatingWebhook = MutatingWebhook | ValidatingWebhook> {
  readonly hook: Hook<W>
  readonly resource: GroupVersionResource
  readonly kind: GroupVersionKind
  /** Present when that is another version than the request's. */
  readonly definition: ResourceDefinition | undefined
}

/** Tells whether the match conditions of a webhook hold. Throws MatchConditionsFailed when one cannot be evaluated. */
export type MatchConditions = (invocation: Invocation, attributes: AdmissionAttributes) => Promise<boolean>

export interface InvocationServices {
  readonly lister: Lister
  /** Every version of the same objects, e.g. autoscaling/v1 and v2. */
  readonly equivalents: (definition: ResourceDefinition) => readonly ResourceDefinition[]
  /** Absent: webhooks with conditions are always asked. */
  readonly matchConditions?: MatchConditions
}

/** Whether and how this webhook is to be asked (apiserver pkg/admission/plugin/webhook/generic/webhook.go ShouldCallHook). */
export async function invocationOf<W extends MutatingWebhook | ValidatingWebhook>(
  hook: Hook<W>,
  attributes: AdmissionAttributes,
  services: InvocationServices,
): Promise<Invocation<W> | undefined> {
  const { webhook } = hook
  if (!objectSelected(webhook.objectSelector, attributes)) return undefined
  const found = matched(hook, attributes, services)
  if (found === undefined) return undefined
  // Rules first: a missing namespace is nobody's fault when no rule concerns the request.
  if (!(await namespaceSelected(services.lister, webhook.namespaceSelector, attributes))) return undefined
  if ((webhook.matchConditions ?? []).length === 0 || services.matchConditions === undefined) return found
  try {
    return (await services.matchConditions(found as Invocation, attributes)) ? found : undefined
  } catch (error) {
    if (!(error instanceof MatchConditionsFailed)) throw error
    throw forbidden(attributes.resource, attributes.name, error.message)
  }
}

function matched<W extends MutatingWebhook | ValidatingWebhook>(
  hook: Hook<W>,
  attributes: AdmissionAttributes,
  { equivalents }: InvocationServices,
): Invocation<W> | undefined {
  const { resource, kind, subresource, operation, namespace, name } = attributes
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  const rules = hook.webhook.rules ?? []
  const subject = { operation, subresource, namespace: isNamespace ? namespace || name : namespace }
  const concerns = (of: GroupVersionResource) => rules.some((rule) => ruleMatches(rule, { ...subject, resource: of }))
  if (concerns(resource)) return { hook, resource, kind, definition: undefined }
  if ((hook.webhook.matchPolicy ?? 'Equivalent') !== 'Equivalent') return undefined
  for (const definition of equivalents(attributes.definition)) {
    const other = { group: definition.group, version: definition.version, resource: definition.resource }
    if (!concerns(other)) continue
    // Subresources have kinds of their own, which do not change with the version of the resource.
    if (subresource !== '' && kind.kind !== attributes.definition.kind)
      return { hook, resource: other, kind, definition: undefined }
    return {
      hook,
      resource: other,
      kind: { group: other.group, version: other.version, kind: definition.kind },
      definition,
    }
  }
  return undefined
}

/** The object as the definition's version has it. Throws ApiError when a custom one cannot be converted. */
export async function convert(
  object: KubeObject,
  from: ResourceDefinition,
  to: ResourceDefinition,
): Promise<KubeObject> {
  const stored = from.rules.conversion?.toStorage(object) ?? object
  const form = to.rules.storedForm
  if (form !== undefined) {
    // The form reads whatever version it is given.
    const made = form.read(stored) ?? (await form.readAll([stored]))[0]!
    const { resourceVersion } = object.metadata
    return resourceVersion === undefined ? made : { ...made, metadata: { ...made.metadata, resourceVersion } }
  }
  const converted = to.rules.conversion?.fromStorage(stored) ?? stored
  const apiVersion = to.group === '' ? to.version : `${to.group}/${to.version}`
  return { ...converted, apiVersion, kind: to.kind }
}
