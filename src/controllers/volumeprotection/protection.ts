import type { ResourceRef } from '../../api/definition.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import type { WorkQueue } from '../../client/work-queue.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Controller, ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'

/** What is left to do about an object's finalizer: nothing, or which finalizers it should have. */
export function finalizersAfter(
  { metadata }: KubeObject,
  finalizer: string,
  isUsed: boolean,
): readonly string[] | undefined {
  const finalizers = metadata.finalizers ?? []
  const has = finalizers.includes(finalizer)
  if (metadata.deletionTimestamp === undefined) return has ? undefined : [...finalizers, finalizer]
  return has && !isUsed ? finalizers.filter((one) => one !== finalizer) : undefined
}

export interface Protected<T extends KubeObject> {
  /** Asked only of objects that are being deleted. */
  readonly isUsed: (object: T) => boolean | Promise<boolean>
  /** Caches that must be filled first. */
  readonly needs?: readonly Informer<KubeObject>[]
  /** Watches what uses the objects. */
  readonly watch?: (add: (key: string) => void) => readonly (() => void)[]
  /** What else is done for an object, before. */
  readonly also?: (object: T) => Promise<void>
}

/**
 * Keeps what is in use from disappearing: a finalizer that admission sets, and that is removed when nobody uses the
 * object any more (pkg/controller/volume/{pvcprotection,pvprotection,vacprotection}).
 */
export function protection<T extends KubeObject>(declaration: {
  readonly name: string
  readonly for: ResourceRef<T>
  readonly finalizer: string
  readonly setup: (context: ControllerContext) => Protected<T>
}): Controller {
  const { name, for: ref, finalizer, setup } = declaration
  return defineSync({
    name,
    setup(context) {
      const { client, informers } = context
      const objects = informers.for(ref)
      const { isUsed, needs = [], watch = () => [], also } = setup(context)
      return {
        ready: async (signal) => {
          await Promise.all([objects, ...needs].map((informer) => informer.whenSynced(signal)))
        },
        watch(queue: WorkQueue<string>) {
          const seen = (object: T) => queue.add(keyOf(object))
          const ends = [objects.subscribe({ added: seen, updated: seen }), ...watch((key) => queue.add(key))]
          return () => ends.forEach((end) => end())
        },
        async sync(key) {
          const object = objects.get(key)
          if (object === undefined) return
          await also?.(object)
          const deleted = object.metadata.deletionTimestamp !== undefined
          const finalizers = finalizersAfter(object, finalizer, deleted && (await isUsed(object)))
          if (finalizers === undefined) return
          await client.update(ref, { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } })
        },
      }
    },
  })
}
