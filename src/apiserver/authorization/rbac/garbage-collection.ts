import { jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'

/** Whether an update touches owners and finalizers only, as the garbage collector's do (pkg/registry/rbac/helpers.go). */
export function onlyForGarbageCollection(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields, selfLink } = old.metadata
  return jsonEqual(
    { ...object, metadata: { ...object.metadata, ownerReferences, finalizers, managedFields, selfLink } },
    old,
  )
}
