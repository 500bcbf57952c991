import type { ResourceRef } from '../../api/definition.ts'
import { keyOf } from '../../client/informer.ts'
import { SharedInformer } from '../../client/shared-informer.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Observed } from './observed.ts'
import { isControlledBy } from './ownership.ts'

/**
 * What a reconciliation would observe in a cluster that holds just these objects, for tests of pure functions. What the
 * object controls, by its owner references, is owned. All of it is frozen.
 */
export function observe<T extends KubeObject>(options: {
  readonly object: T
  readonly now: number
  readonly objects?: readonly (readonly [ref: ResourceRef, objects: readonly KubeObject[]])[]
  readonly indexes?: readonly {
    readonly ref: ResourceRef
    readonly name: string
    readonly values: (object: KubeObject) => readonly string[]
  }[]
}): Observed<T> {
  const { object, now, objects = [], indexes = [] } = options
  const views = new Map<string, SharedInformer<KubeObject>>()
  const view = <K extends KubeObject>(ref: ResourceRef<K>): SharedInformer<K> => {
    const name = `${ref.group}/${ref.resource}`
    let found = views.get(name)
    if (found === undefined) {
      found = new SharedInformer<KubeObject>(ref as unknown as ResourceRef, silentLogger)
      views.set(name, found)
    }
    return found as unknown as SharedInformer<K>
  }
  for (const { ref, name, values } of indexes) view(ref).addIndex(name, values)
  for (const [ref, list] of objects) for (const item of list) view(ref).put(deepFreeze(item))
  return {
    key: keyOf(object),
    object: deepFreeze(object),
    now,
    view,
    owned: <Child extends KubeObject>(ref: ResourceRef<Child>) =>
      view(ref)
        .byIndex('ownerUid', object.metadata.uid ?? '')
        .filter((child) => isControlledBy(child, object)),
  }
}
