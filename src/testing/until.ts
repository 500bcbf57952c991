import { inspect } from 'node:util'
import type { ObjectKey } from '../client/client.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/**
 * Resolves with an object once it is as `wanted`; undefined stands for none. Nothing is asked again and again: each change
 * that the informer sees is judged. Throws an Error with the last state when the time is over.
 */
export async function until<T extends KubeObject>(
  informer: Informer<T>,
  { namespace, name }: ObjectKey,
  wanted: (object: T | undefined) => boolean,
  timeoutMs: number,
  clock: Clock,
): Promise<T | undefined> {
  const key = namespace === undefined ? name : `${namespace}/${name}`
  await informer.whenSynced()
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
  const judge = () => {
    try {
      const object = informer.get(key)
      if (wanted(object)) resolve(object)
    } catch (error) {
      reject(error)
    }
  }
  const unsubscribe = informer.subscribe({ added: judge, updated: judge, deleted: judge })
  const late = clock.after(timeoutMs, () => {
    const state = inspect(informer.get(key), { depth: 6, breakLength: 120 })
    reject(new Error(`${informer.ref.kind} ${key} is not as wanted after ${timeoutMs} ms; it is ${state}`))
  })
  judge()
  try {
    return await promise
  } finally {
    late()
    unsubscribe()
  }
}
