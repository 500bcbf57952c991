import { namespaces } from '../../../api/core/v1/namespace.ts'
import type { LabelSelector } from '../../../api/types.generated.ts'
import { notFound } from '../../../machinery/errors.ts'
import { cachedSelector } from '../../../machinery/labels/label-selector.ts'
import type { Labels } from '../../../machinery/labels/requirement.ts'
import type { Lister } from '../../lister.ts'
import type { AdmissionAttributes } from '../plugin.ts'

function isEmpty(selector: LabelSelector | undefined | null): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

/**
 * Whether the labels of the request's namespace are selected; throws 404 when there is no such namespace (apiserver
 * pkg/admission/plugin/webhook/predicates/namespace).
 */
export async function namespaceSelected(
  lister: Lister,
  selector: LabelSelector | undefined,
  attributes: AdmissionAttributes,
): Promise<boolean> {
  const { resource, subresource, namespace, name, operation, object } = attributes
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  if ((namespace === '' && !isNamespace) || isEmpty(selector)) return true
  let labels: Labels | undefined
  // A namespace that is being written is not what the cache shows.
  if (isNamespace && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'))
    labels = object?.metadata.labels
  else {
    const of = namespace || name
    const found = lister.get(namespaces, '', of) ?? (await lister.getLive(namespaces, '', of))
    if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, of)
    labels = found.metadata.labels
  }
  return cachedSelector(selector).matches(labels ?? {})
}

/** Whether the object is selected, as it was or as it shall be (predicates/object). */
export function objectSelected(selector: LabelSelector | undefined, attributes: AdmissionAttributes): boolean {
  if (isEmpty(selector)) return true
  const { object, oldObject } = attributes
  return [object, oldObject].some(
    (one) => one?.metadata !== undefined && cachedSelector(selector).matches(one.metadata.labels ?? {}),
  )
}
