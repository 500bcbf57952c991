import type { ResourceDefinition } from '../../api/definition.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { FieldSelector } from '../../machinery/fields/field-selector.ts'
import type { Selector } from '../../machinery/labels/selector.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { FieldIndexName, WatchScope } from '../cache/resource-cache.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import { inVersion } from './resource.ts'

/** Which objects of a resource a request is about. */
export interface Selection {
  /** Restricts nothing: objects need not be looked into. */
  readonly everything: boolean
  /** Everything but a name or namespace, which the key answers. */
  readonly byKeyOnly: boolean
  readonly namespace: string | undefined
  readonly name: string | undefined
  /** What an index of the cache answers: the pods of a node. Only where no namespace or name narrows more. */
  readonly indexed: WatchScope['field']
  matches(object: StoredObject): boolean
}

/** Pods by node, of which a kubelet sees only its own (upstream: registry/core/pod/strategy.go, NodeNameTriggerFunc). */
const podsByNode: FieldIndexName = {
  name: 'spec.nodeName',
  valueOf: (stored) => (stored.object as Pod).spec?.nodeName ?? '',
}

/** `namespace`: the request's; '' for all. */
export function selectionOf(
  definition: ResourceDefinition,
  namespace: string,
  labels: Selector,
  fields: FieldSelector,
): Selection {
  const others = fields.requirements.filter(
    ({ field, operator }) =>
      operator !== '=' || (field !== 'metadata.name' && (field !== 'metadata.namespace' || !definition.namespaced)),
  )
  const everything = labels.empty && fields.empty
  const selectedNamespace = definition.namespaced ? fields.exactValue('metadata.namespace') : undefined
  const contradicts = namespace !== '' && selectedNamespace !== undefined && selectedNamespace !== namespace
  return {
    everything,
    byKeyOnly: labels.empty && others.length === 0 && !contradicts,
    namespace: namespace || selectedNamespace || undefined,
    name: fields.exactValue('metadata.name'),
    indexed: indexedBy(definition, fields),
    matches: everything
      ? () => true
      : (stored) => {
          if (contradicts || labels.nothing) return false
          // A webhook that converts may change labels.
          const { object } = definition.rules.storedForm ? inVersion(definition, stored) : stored
          if (!labels.empty && !labels.matches(object.metadata.labels)) return false
          return fields.empty || fields.matches(fieldsOf(definition, stored))
        },
  }
}

/** The values that field selectors see, made once per object. */
export function fieldsOf(definition: ResourceDefinition, stored: StoredObject): Readonly<Record<string, string>> {
  return stored.rendition(definition.rules, () => {
    const object: KubeObject = inVersion(definition, stored).object
    const { name = '', namespace = '' } = object.metadata
    const fields: Record<string, string> = { 'metadata.name': name }
    if (definition.namespaced) fields['metadata.namespace'] = namespace
    return Object.assign(fields, definition.rules.selectableFields?.(object))
  })
}

function indexedBy({ group, resource }: ResourceDefinition, fields: FieldSelector): WatchScope['field'] {
  if (group !== '' || resource !== 'pods') return undefined
  const value = fields.exactValue(podsByNode.name)
  return value === undefined ? undefined : { index: podsByNode, value }
}
