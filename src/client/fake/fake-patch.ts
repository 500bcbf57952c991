import type { ResourceDefinition, ResourceRef } from '../../api/definition.ts'
import { unsupportedMediaType } from '../../machinery/errors.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts'
import type { PatchType } from '../client.ts'

/** What the patch makes of the object. Kinds without a schema know no strategic merge, as custom resources do not. */
export function patched(ref: ResourceRef, object: KubeObject, type: PatchType, patch: unknown): KubeObject {
  // As over the wire: members that are undefined are not there.
  const sent = deepFreeze(JSON.parse(JSON.stringify(patch)) as unknown)
  if (type === 'json') return applyJsonPatch(object, sent) as KubeObject
  if (type === 'merge' || type === 'apply') return applyMergePatch(object, sent) as KubeObject
  const { schema } = ref as Partial<ResourceDefinition>
  if (schema === undefined) throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json'])
  return applyStrategicMergePatch(object, sent, schema) as unknown as KubeObject
}
