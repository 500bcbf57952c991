import type { ResourceRef } from '../../api/definition.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import type { Selector } from '../../machinery/labels/selector.ts'
import { apiVersionOf, controllerOf, type KubeObject } from '../../machinery/meta/object.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { Executor } from './executor.ts'
import type { Observed } from './observed.ts'
import { claim, isControlledBy } from './ownership.ts'
import type { Outcome, Plan, Step } from './plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { startWorkLoop } from './work-loop.ts'
import { WriteLedger } from './write-ledger.ts'

/** A kind of objects that the controller's objects own. */
export interface Adoption<T extends KubeObject, Child extends KubeObject = KubeObject> {
  readonly ref: ResourceRef<Child>
  /** Which orphans the owner takes, and which of its own it keeps. */
  readonly selector: (object: T) => Selector
  /** Children that do not count at all, as if they were not there: false. */
  readonly filter?: (child: Child) => boolean
  /** What besides the selector decides whether the owner takes and keeps a child. */
  readonly belongs?: (owner: T, child: Child) => boolean
  readonly finalizers?: readonly string[]
}

/** Another kind whose changes matter. */
export interface Watch<Other extends KubeObject = KubeObject> {
  readonly ref: ResourceRef<Other>
  /** The keys to look at again. Absent: the collection is only read. `old` is absent for additions and deletions. */
  readonly keys?: (
    change: { readonly type: 'added' | 'updated' | 'deleted'; readonly object: Other; readonly old?: Other },
    view: <T extends KubeObject>(ref: ResourceRef<T>) => Informer<T>,
  ) => readonly string[]
}

export interface ControllerDeclaration<T extends KubeObject> {
  readonly name: string
  readonly eventSource?: string
  readonly for: ResourceRef<T>
  /** Kinds that its objects own; a change of one brings its owner up again. */
  readonly owns?: readonly ResourceRef[]
  /** Of those, the kinds of which a new one that has an owner brings nobody up. */
  readonly quietlyOwns?: readonly ResourceRef[]
  /** Of those, the kinds whose orphans it adopts. */
  readonly adopts?: readonly Adoption<T>[]
  readonly watches?: readonly Watch[]
  /** Indexes that `reconcile` reads, by the kind they are on. */
  readonly indexes?: readonly {
    readonly ref: ResourceRef
    readonly name: string
    readonly values: (object: KubeObject) => readonly string[]
  }[]
  /** Objects that are not its business. */
  readonly ignores?: (object: T) => boolean
  readonly workers?: number
  readonly reconcile: (observed: Observed<T>, context: ControllerContext) => Plan<unknown>
  readonly measure?: Measure<T>
  /** What is left to do for a key whose object is gone, or never was. */
  readonly gone?: (key: string, view: <K extends KubeObject>(ref: ResourceRef<K>) => Informer<K>) => readonly Step[]
}

/**
 * What is to be told of syncs: begun once, called with what was observed and decided before that is done, and then with
 * what came of it.
 */
export type Measure<T extends KubeObject> = (
  context: ControllerContext,
  view: <K extends KubeObject>(ref: ResourceRef<K>) => Informer<K>,
) => (observed: Observed<T>, plan: Plan) => (sync: Synced) => void

export interface Synced {
  readonly seconds: number
  readonly error: Error | undefined
  /** The object, when its status was written. */
  readonly written: KubeObject | undefined
}

/** Types the children of an adoption or a watch, which a list of different kinds cannot. */
export function adoption<T extends KubeObject, Child extends KubeObject>(declared: Adoption<T, Child>): Adoption<T> {
  return declared as unknown as Adoption<T>
}
export function watching<Other extends KubeObject>(declared: Watch<Other>): Watch {
  return declared as unknown as Watch
}

const orphansIndex = 'orphansIn'
/** Looks again, should no event tell that a cache has caught up. */
const recheckMs = 1000

/** A controller whose decision is a pure function of what it observed. */
export function defineController<T extends KubeObject>(declaration: ControllerDeclaration<T>): Controller {
  const { name, eventSource } = declaration
  return { name, eventSource, start: (context) => startController(declaration, context) }
}

function startController<T extends KubeObject>(declaration: ControllerDeclaration<T>, context: ControllerContext) {
  const {
    owns = [],
    quietlyOwns = [],
    adopts = [],
    watches = [],
    indexes = [],
    ignores = () => false,
    reconcile,
  } = declaration
  const { client, clock } = context
  const ownRef = declaration.for
  const ledger = new WriteLedger(clock)
  const informers = new Map<string, Informer<KubeObject>>()
  const inform = <K extends KubeObject>(ref: ResourceRef<K>): Informer<K> => {
    const informer = context.informers.for(ref)
    informers.set(refName(ref), informer as unknown as Informer<KubeObject>)
    return informer
  }
  const informerOf = (ref: ResourceRef) => informers.get(refName(ref))
  const view = <K extends KubeObject>(ref: ResourceRef<K>): Informer<K> => {
    const informer = informerOf(ref)
    if (informer === undefined) throw new Error(`${declaration.name} reads ${ref.resource}, which it did not declare`)
    return informer as unknown as Informer<K>
  }
  const executor = new Executor(context, ledger, informerOf)
  const objects = inform(ownRef)
  for (const ref of [...owns, ...adopts.map(({ ref }) => ref), ...watches.map(({ ref }) => ref)]) inform(ref)
  for (const { ref, name, values } of indexes) inform(ref).addIndex(name, values)
  for (const { ref } of adopts) view(ref).addIndex(orphansIndex, orphanNamespace)

  const adoptedIn = (object: T) =>
    adopts.map(async (adoption) => {
      const children = view(adoption.ref)
      const { uid = '', namespace = '' } = object.metadata
      const candidates = [
        ...children.byIndex('ownerUid', uid).filter((child) => isControlledBy(child, object)),
        ...children.byIndex(orphansIndex, namespace),
      ].filter((child) => adoption.filter === undefined || adoption.filter(child))
      const claimed = await claim({
        client,
        owner: object,
        ownerRef: ownRef,
        childRef: adoption.ref,
        selector: adoption.selector(object),
        candidates,
        filter: adoption.belongs && ((child) => adoption.belongs!(object, child)),
        finalizers: adoption.finalizers,
        onWrite: (result) => ledger.wrote(keyOf(object), children, result),
      })
      return [refName(adoption.ref), claimed] as const
    })

  const measured = declaration.measure?.(context, view)

  const sync = async (key: string) => {
    const object = objects.get(key)
    if (object === undefined) {
      if (declaration.gone === undefined) {
        ledger.forget(key)
        return
      }
      if (!ledger.caughtUp(key)) return { requeueAfterMs: recheckMs }
      await executor.run(key, absent(ownRef, key), declaration.gone(key, view), () => {})
      return
    }
    if (ignores(object)) return
    // The event that brings the cache up to date brings the key up, too.
    if (!ledger.caughtUp(key)) return { requeueAfterMs: recheckMs }
    const claimed = new Map(await Promise.all(adoptedIn(object)))
    const observed: Observed<T> = {
      key,
      object,
      now: clock.now(),
      view,
      owned: <Child extends KubeObject>(ref: ResourceRef<Child>) =>
        (claimed.get(refName(ref)) as readonly Child[] | undefined) ??
        view(ref)
          .byIndex('ownerUid', object.metadata.uid ?? '')
          .filter((child) => isControlledBy(child, object)),
    }
    const began = clock.monotonic()
    const plan = reconcile(observed, context)
    const told = measured?.(observed, plan)
    const tell = (error: Error | undefined, written: KubeObject | undefined) =>
      told?.({ seconds: (clock.monotonic() - began) / 1000, error, written })
    try {
      tell(undefined, await carryOut(executor, client, ledger, ownRef, objects, key, object, plan))
    } catch (error) {
      tell(error as Error, undefined)
      throw error
    }
    return { requeueAfterMs: plan.requeueAfterMs }
  }

  const loop = startWorkLoop(context, {
    workers: declaration.workers,
    sync,
    ready: (signal) => Promise.all([...informers.values()].map((informer) => informer.whenSynced(signal))),
  })
  const { queue } = loop
  const unsubscribe: (() => void)[] = []

  unsubscribe.push(
    objects.subscribe({
      added: (object) => {
        if (!ignores(object)) queue.add(keyOf(object))
      },
      updated: (object) => {
        if (!ignores(object)) queue.add(keyOf(object))
      },
      deleted: (object) => queue.add(keyOf(object)),
    }),
  )
  const ownerKey = (child: KubeObject): string | undefined => {
    const owner = controllerOf(child)
    if (owner === undefined || owner.kind !== ownRef.kind || !sameGroup(owner.apiVersion, ownRef)) return undefined
    const key = child.metadata.namespace && ownRef.namespaced ? `${child.metadata.namespace}/${owner.name}` : owner.name
    return objects.get(key)?.metadata.uid === owner.uid ? key : undefined
  }
  const adoptedKinds = new Map(adopts.map((adoption) => [refName(adoption.ref), adoption]))
  for (const ref of new Map([...owns, ...adopts.map(({ ref }) => ref)].map((ref) => [refName(ref), ref])).values()) {
    const adopting = adoptedKinds.get(refName(ref))
    const quiet = quietlyOwns.includes(ref)
    const bringUp = (child: KubeObject) => {
      const key = ownerKey(child)
      if (key !== undefined) queue.add(key)
    }
    const offer = (child: KubeObject) => {
      if (adopting === undefined || controllerOf(child) !== undefined) return
      for (const object of objects.byIndex('namespace', child.metadata.namespace ?? '')) {
        if (!ignores(object) && adopting.selector(object).matches(child.metadata.labels)) queue.add(keyOf(object))
      }
    }
    unsubscribe.push(
      view(ref).subscribe({
        added: (child) => {
          if (!quiet || child.metadata.deletionTimestamp !== undefined) bringUp(child)
          if (child.metadata.deletionTimestamp === undefined) offer(child)
        },
        updated: (child, old) => {
          if (controllerOf(old)?.uid !== controllerOf(child)?.uid) bringUp(old)
          bringUp(child)
          const changed =
            controllerOf(old)?.uid !== controllerOf(child)?.uid ||
            !semanticEqual(old.metadata.labels, child.metadata.labels)
          if (changed) offer(child)
        },
        deleted: bringUp,
      }),
    )
  }
  for (const { ref, keys } of watches) {
    if (keys === undefined) continue
    const bring = (found: readonly string[]) => {
      for (const key of found) queue.add(key)
    }
    unsubscribe.push(
      view(ref).subscribe({
        added: (object) => bring(keys({ type: 'added', object }, view)),
        updated: (object, old) => bring(keys({ type: 'updated', object, old }, view)),
        deleted: (object) => bring(keys({ type: 'deleted', object }, view)),
      }),
    )
  }

  return {
    get idle() {
      return loop.idle
    },
    async stop() {
      for (const cancel of unsubscribe) cancel()
      await loop.stop()
    },
  }
}

async function carryOut<T extends KubeObject>(
  executor: Executor,
  client: ControllerContext['client'],
  ledger: WriteLedger,
  ref: ResourceRef<T>,
  objects: Informer<T>,
  key: string,
  object: T,
  plan: Plan,
): Promise<KubeObject | undefined> {
  // A step may write the object itself; its status then goes on top of that.
  let latest = object
  let failure: Error | undefined
  let told: KubeObject | undefined
  const results: KubeObject[] = []
  try {
    await executor.run(key, object, plan.steps ?? [], (result) => {
      results.push(result)
      if (result.metadata.uid === object.metadata.uid && result.kind === object.kind) latest = result as T
    })
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
  }
  if (plan.status !== undefined) {
    const outcome: Outcome = { error: failure, results }
    const status = plan.status(outcome)
    if (!semanticEqual(status, (object as { status?: unknown }).status)) {
      told = await client.update(ref, { ...latest, status }, { subresource: 'status' })
      ledger.wrote(key, objects, told)
    }
  }
  if (failure !== undefined) throw failure
  for (const note of plan.afterStatus ?? []) executor.tell(object, note)
  return told
}

/** Stands for an object that is not there, for whoever tells something about it. */
function absent(ref: ResourceRef, key: string): KubeObject {
  const [name = '', namespace] = key.split('/').reverse()
  return { apiVersion: apiVersionOf(ref), kind: ref.kind, metadata: { namespace, name } }
}

function refName(ref: ResourceRef): string {
  return `${ref.group}/${ref.resource}`
}
function sameGroup(apiVersion: string, ref: ResourceRef): boolean {
  const slash = apiVersion.indexOf('/')
  return (slash < 0 ? '' : apiVersion.slice(0, slash)) === ref.group
}
function orphanNamespace(object: KubeObject): readonly string[] {
  return controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : []
}
