import type { ResourceRef } from '../api/definition.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { type Random, systemRandom } from '../machinery/random.ts'
import type { Client } from './client.ts'
import type { Informer, InformerFactory, InformerOptions } from './informer.ts'
import { reflect } from './reflector.ts'
import { SharedInformer } from './shared-informer.ts'

/**
 * Informers that are shared by all who ask for the same collection and selector. Each begins to fill when it is first
 * asked for; `stop` ends all of them.
 */
export function createInformerFactory(options: {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly random?: Random
  readonly watchList?: boolean
}): InformerFactory {
  const { client, clock, log, random = systemRandom, watchList } = options
  const informers = new Map<string, { informer: Informer<KubeObject>; stop: AbortController; done: Promise<void> }>()

  const start = <T extends KubeObject>(ref: ResourceRef<T>, select: InformerOptions) => {
    const informer = new SharedInformer<T>(ref, log)
    const stop = new AbortController()
    const done = reflect({ client, ref, select, sink: informer, clock, random, log, watchList, signal: stop.signal })
    return { informer, stop, done }
  }
  const nameOf = (ref: ResourceRef, select: InformerOptions) =>
    JSON.stringify([
      ref.group,
      ref.version,
      ref.resource,
      select.namespace ?? '',
      select.labelSelector ?? '',
      select.fieldSelector ?? '',
    ])

  return {
    for<T extends KubeObject>(ref: ResourceRef<T>, select: InformerOptions = {}): Informer<T> {
      const name = nameOf(ref, select)
      let entry = informers.get(name)
      if (entry === undefined) {
        entry = start(ref, select) as unknown as NonNullable<typeof entry>
        informers.set(name, entry)
      }
      return entry.informer as unknown as Informer<T>
    },
    async release(ref: ResourceRef, select: InformerOptions = {}) {
      const name = nameOf(ref, select)
      const entry = informers.get(name)
      informers.delete(name)
      entry?.stop.abort()
      await entry?.done
    },
    async stop() {
      const all = [...informers.values()]
      informers.clear()
      for (const { stop } of all) stop.abort()
      await Promise.all(all.map(({ done }) => done))
    },
  }
}
