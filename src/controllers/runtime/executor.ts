import type { ResourceRef } from '../../api/definition.ts'
import type { Informer } from '../../client/informer.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ControllerContext } from './controller.ts'
import type { Note, Step, Write } from './plan.ts'
import type { WriteLedger } from './write-ledger.ts'

/** Does the steps of plans: the only place where controllers write. */
export class Executor {
  readonly #context: ControllerContext
  readonly #ledger: WriteLedger
  readonly #informerOf: (ref: ResourceRef) => Informer<KubeObject> | undefined

  constructor(
    context: ControllerContext,
    ledger: WriteLedger,
    informerOf: (ref: ResourceRef) => Informer<KubeObject> | undefined,
  ) {
    this.#context = context
    this.#ledger = ledger
    this.#informerOf = informerOf
  }

  /** Throws the first failure. `onResult` sees each answer. */
  async run(
    key: string,
    about: KubeObject,
    steps: readonly Step[],
    onResult: (result: KubeObject) => void,
  ): Promise<void> {
    for (const step of steps) {
      if (step.do === 'tell') this.tell(about, step)
      else if (step.do !== 'batch') await this.#write(key, about, step, onResult)
      else {
        const { writes, slowStart } = step
        for (let done = 0, size = slowStart ? 1 : writes.length; done < writes.length; done += size, size *= 2) {
          const batch = writes.slice(done, done + size)
          const results = await Promise.allSettled(batch.map((write) => this.#write(key, about, write, onResult)))
          const failure = results.find((result) => result.status === 'rejected')
          if (failure !== undefined) throw failure.reason
        }
      }
    }
  }

  tell(about: KubeObject, note: Note): void {
    this.#context.recorder.event(note.about ?? about, note.type, note.reason, note.message)
  }

  async #write(key: string, about: KubeObject, write: Write, onResult: (result: KubeObject) => void): Promise<void> {
    try {
      const result = await this.#call(key, write)
      onResult(result)
      const note = write.succeeded?.(result)
      if (note !== undefined) this.tell(about, note)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      if (write.do === 'delete' && isReason(error, 'NotFound')) return
      const instead = write.recover?.(error)
      if (instead !== undefined) return this.run(key, about, instead, onResult)
      const note = write.failed?.(error)
      if (note !== undefined) this.tell(about, note)
      if (!write.ignore?.(error)) throw error
    }
  }

  async #call(key: string, write: Write): Promise<KubeObject> {
    const { client } = this.#context
    const informer = this.#informerOf(write.ref)
    let result: KubeObject
    switch (write.do) {
      case 'create':
        result = await client.create(write.ref, write.object, { subresource: write.subresource })
        break
      case 'update':
        result = await client.update(write.ref, write.object, { subresource: write.subresource })
        break
      case 'patch': {
        const { subresource, fieldManager } = write
        const force = write.type === 'apply' ? true : undefined
        result = await client.patch(write.ref, write.key, write.type, write.patch, { subresource, fieldManager, force })
        break
      }
      case 'delete': {
        const { metadata } = write.object
        await client.delete(write.ref, { namespace: metadata.namespace, name: metadata.name! }, write.options)
        this.#ledger.deleted(key, informer, keyOf(write.object), metadata.uid)
        return write.object
      }
    }
    this.#ledger.wrote(key, informer, result)
    return result
  }
}
