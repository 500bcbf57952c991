import { parseFieldSelector } from '../../machinery/fields/field-selector.ts'
import { parseSelector } from '../../machinery/labels/parse-selector.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** Whether a list or watch with these selectors shows the object. Any field of the object can be selected by. */
export function selectedBy(
  object: KubeObject,
  options: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string },
): boolean {
  const { namespace, labelSelector, fieldSelector } = options
  if (namespace && object.metadata.namespace !== namespace) return false
  if (labelSelector && !parseSelector(labelSelector).matches(object.metadata.labels)) return false
  if (!fieldSelector) return true
  const selector = parseFieldSelector(fieldSelector)
  const fields = selector.requirements.map(({ field }) => [field, String(valueAt(object, field) ?? '')] as const)
  return selector.matches(Object.fromEntries(fields))
}

function valueAt(object: unknown, field: string): unknown {
  let value = object
  for (const part of field.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
  return value
}
