import type { ResourceRef } from '../../api/definition.ts'
import { type Clock, systemClock } from '../../machinery/clock.ts'
import { invalid, noSuchPath } from '../../machinery/errors.ts'
import { type LabelSelector, selectorOfLabelSelector } from '../../machinery/labels/label-selector.ts'
import type { KubeList, KubeObject } from '../../machinery/meta/object.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import { type Random, seededRandom } from '../../machinery/random.ts'
import type { Client, DeleteOptions, ListOptions, ObjectKey, PatchType, WatchOptions, WriteOptions } from '../client.ts'
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../transport.ts'
import { patched } from './fake-patch.ts'
import { FakeStore } from './fake-store.ts'
import { selectedBy } from './selectors.ts'

export type FakeVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** One call of a fake client. */
export interface FakeAction {
  readonly verb: FakeVerb
  readonly resource: string
  readonly group: string
  /** '' for the main resource. */
  readonly subresource: string
  readonly namespace?: string
  readonly name?: string
  /** The object that was written, or the patch. */
  readonly body?: unknown
}

/** What it throws is the answer; to reads and writes of one object also what it returns. */
export type Reaction = (action: FakeAction) => KubeObject | void

/** An in-memory Client for tests of controllers: revisions, watches, conflicts, finalizers; no validation, no defaults. */
export interface FakeClient extends Client {
  /** Every call so far, reads included. */
  readonly actions: readonly FakeAction[]
  /** The calls that write, in order, as short lines: `create pods a`, `update deployments/status web`. */
  writes(): string[]
  clearActions(): void
  /** Puts objects there as they are, status included. Returns them as stored. */
  seed<T extends KubeObject>(ref: ResourceRef<T>, ...objects: KubeObject[]): T[]
  objects<T extends KubeObject>(ref: ResourceRef<T>): T[]
  /** Calls back before each call that matches ('*': any); what it throws or returns is the answer. The result stops it. */
  react(verb: FakeVerb | '*', resource: string, reaction: Reaction): () => void
  /** Ends all watches, as a restarted server does; with `forget`, resuming them gives 410 Expired. */
  breakWatches(options?: { forget?: boolean }): void
  bookmark(ref: ResourceRef): void
  /** Answers of the raw transport by path, e.g. discovery documents. */
  serve(path: string, body: unknown): void
}

const writeVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export function fakeClient(options: { clock?: Clock; random?: Random; seed?: number } = {}): FakeClient {
  const { clock = systemClock, random = seededRandom(options.seed ?? 1) } = options
  const store = new FakeStore(clock, random)
  const reactions = new Set<{ verb: string; resource: string; reaction: Reaction }>()
  const served = new Map<string, unknown>()
  let actions: FakeAction[] = []

  const act = async (verb: FakeVerb, ref: ResourceRef, more: Partial<FakeAction> = {}) => {
    const action: FakeAction = { verb, resource: ref.resource, group: ref.group, subresource: '', ...more }
    actions.push(action)
    await Promise.resolve()
    let answer: KubeObject | undefined
    for (const { verb: on, resource, reaction } of reactions)
      if ((on === '*' || on === verb) && (resource === '*' || resource === ref.resource))
        answer = reaction(action) ?? answer
    return answer
  }

  return {
    transport: fakeTransport(served),
    get actions() {
      return actions
    },
    writes: () => actions.filter((action) => writeVerbs.has(action.verb)).map(actionText),
    clearActions: () => {
      actions = []
    },
    seed: <T extends KubeObject>(ref: ResourceRef<T>, ...objects: KubeObject[]) =>
      objects.map((object) => store.create(ref, object) as T),
    objects: <T extends KubeObject>(ref: ResourceRef<T>) => store.all(ref) as T[],
    react(verb, resource, reaction) {
      const entry = { verb, resource, reaction }
      reactions.add(entry)
      return () => reactions.delete(entry)
    },
    breakWatches: ({ forget = false } = {}) => store.breakWatches(forget),
    bookmark: (ref) => store.bookmark(ref),
    serve: (path, body) => {
      served.set(path, body)
    },

    async get<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey, { subresource = '' } = {}) {
      const answer = await act('get', ref, { ...key, subresource })
      if (answer !== undefined) return answer as T
      const object = store.get(ref, key)
      return (subresource === 'scale' ? scaleOf(object) : object) as T
    },
    async list<T extends KubeObject>(ref: ResourceRef<T>, list: ListOptions = {}) {
      await act('list', ref, { namespace: list.namespace })
      const items = store.all(ref).filter((object) => selectedBy(object, list)) as T[]
      const metadata = { resourceVersion: String(store.revision) }
      return { apiVersion: apiVersionOf(ref), kind: `${ref.kind}List`, metadata, items } as KubeList<T>
    },
    async watch(ref: ResourceRef, watch: WatchOptions = {}): Promise<AsyncIterable<WatchEvent>> {
      await act('watch', ref, { namespace: watch.namespace })
      return store.watch(ref, watch)
    },
    async create<T extends KubeObject, Result = T>(
      ref: ResourceRef<T>,
      object: T | KubeObject,
      { subresource = '', dryRun }: WriteOptions & { subresource?: string } = {},
    ) {
      const { namespace, name } = object.metadata
      const answer = await act('create', ref, { namespace, name, subresource, body: object })
      if (answer !== undefined) return answer as unknown as Result
      if (subresource === '') return (dryRun ? object : store.create(ref, object)) as unknown as Result
      const key = { namespace, name: name! }
      if (subresource === 'eviction') store.delete(ref, key, {})
      else if (subresource === 'binding') {
        const pod = store.get(ref, key) as KubeObject & { spec?: object }
        const nodeName = (object as KubeObject & { target?: { name?: string } }).target?.name
        store.update(ref, { ...pod, spec: { ...pod.spec, nodeName } } as KubeObject, '')
      }
      return object as unknown as Result
    },
    async update<T extends KubeObject>(
      ref: ResourceRef<T>,
      object: T,
      { subresource = '', dryRun }: WriteOptions & { subresource?: string } = {},
    ) {
      const { namespace, name } = object.metadata
      const answer = await act('update', ref, { namespace, name, subresource, body: object })
      if (answer !== undefined) return answer as T
      if (dryRun) return object
      if (subresource !== 'scale') return store.update(ref, object, subresource) as T
      const old = store.get(ref, { namespace, name: name! }) as KubeObject & { spec?: object }
      const { replicas } = (object as KubeObject & { spec?: { replicas?: number } }).spec ?? {}
      return scaleOf(store.update(ref, { ...old, spec: { ...old.spec, replicas } } as KubeObject, '')) as T
    },
    async patch<T extends KubeObject>(
      ref: ResourceRef<T>,
      key: ObjectKey,
      type: PatchType,
      patch: unknown,
      { subresource = '', dryRun, force }: WriteOptions & { subresource?: string; force?: boolean } = {},
    ) {
      const answer = await act('patch', ref, { ...key, subresource, body: patch })
      if (answer !== undefined) return answer as T
      if (type === 'apply' && store.find(ref, key) === undefined && force !== undefined)
        return store.create(ref, patch as KubeObject) as T
      const old = store.get(ref, key)
      const next = patched(ref, old, type, patch)
      const { uid } = next.metadata
      if (uid !== old.metadata.uid)
        throw invalid({ group: ref.group, kind: ref.kind }, key.name, [
          { type: 'FieldValueInvalid', field: 'metadata.uid', badValue: uid, detail: 'field is immutable' },
        ])
      return (dryRun ? next : store.update(ref, next, subresource)) as T
    },
    async delete(ref: ResourceRef, key: ObjectKey, options: DeleteOptions = {}) {
      await act('delete', ref, { ...key, body: options })
      if (!options.dryRun) store.delete(ref, key, options)
    },
    async deleteCollection(ref: ResourceRef, list: ListOptions, options: DeleteOptions = {}) {
      await act('deletecollection', ref, { namespace: list.namespace, body: options })
      for (const object of store.all(ref).filter((object) => selectedBy(object, list)))
        store.delete(ref, object.metadata as ObjectKey, options)
    },
  }
}

function scaleOf(object: KubeObject): KubeObject {
  const { spec, status } = object as KubeObject & {
    spec?: { replicas?: number; selector?: LabelSelector }
    status?: { replicas?: number }
  }
  const selector = spec?.selector === undefined ? undefined : selectorOfLabelSelector(spec.selector).toString()
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas },
    status: { replicas: status?.replicas ?? 0, selector },
  } as KubeObject
}

function actionText(action: FakeAction): string {
  const resource = action.subresource ? `${action.resource}/${action.subresource}` : action.resource
  return [action.verb, resource, action.name].filter(Boolean).join(' ')
}

function fakeTransport(served: ReadonlyMap<string, unknown>): Transport {
  return {
    async request(request: ApiRequest): Promise<ApiResponse> {
      await Promise.resolve()
      const body = served.get(request.path)
      if (body === undefined) throw noSuchPath()
      return { status: 200, headers: {}, body }
    },
    async watch() {
      await Promise.resolve()
      throw noSuchPath()
    },
    async close() {},
  }
}
