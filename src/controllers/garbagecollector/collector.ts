import type { ResourceRef } from '../../api/definition.ts'
import type { DeleteOptions, ObjectKey } from '../../client/client.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { KubeObject, OwnerReference } from '../../machinery/meta/object.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import type { AbsentOwners } from './absent-owners.ts'
import {
  type DependencyGraph,
  foregroundFinalizer,
  hasFinalizer,
  type Identity,
  identityOf,
  type Node,
  orphanFinalizer,
} from './graph.ts'
import type { ServedKinds } from '../runtime/served-kinds.ts'

/** What a reference names is of a kind that nobody serves, or not yet. */
export class UnknownKind extends Error {
  override readonly name = 'UnknownKind'
}

type Fate = 'done' | 'again'

/** Decides about single objects, always by what the server says of them (pkg/controller/garbagecollector). */
export class Collector {
  readonly #context: ControllerContext
  readonly #graph: DependencyGraph
  readonly #absent: AbsentOwners
  readonly #kinds: ServedKinds
  readonly #enqueue: (uid: string) => void

  constructor(parts: {
    readonly context: ControllerContext
    readonly graph: DependencyGraph
    readonly absent: AbsentOwners
    readonly kinds: ServedKinds
    readonly enqueue: (uid: string) => void
  }) {
    this.#context = parts.context
    this.#graph = parts.graph
    this.#absent = parts.absent
    this.#kinds = parts.kinds
    this.#enqueue = parts.enqueue
  }

  /** Deletes the object if none of its owners is left. 'again': it is not certain yet that the object exists. */
  async attemptToDelete(uid: string): Promise<Fate> {
    const node = this.#graph.get(uid)
    if (node === undefined) return 'done'
    const wasVirtual = node.virtual
    await this.#decide(node)
    // Until an informer shows it, nothing else would tell of its end.
    return wasVirtual && node.virtual && this.#graph.get(uid) === node ? 'again' : 'done'
  }

  async #decide(node: Node): Promise<void> {
    const { identity } = node
    // The way to the end is one-way: its dependents are seen to when it has gone.
    if (node.beingDeleted && !node.deletingDependents) return
    const ref = this.#refOf(identity)
    // Only a cluster-scoped object that names a namespaced owner leaves us without its namespace.
    if (ref.namespaced && identity.namespace === '') return
    const latest = await this.#get(ref, identity)
    if (latest === undefined || latest.metadata.uid !== identity.uid) return this.#graph.removeVirtual(identity)
    if (node.deletingDependents) return this.#waitForDependents(node, ref)
    const references = latest.metadata.ownerReferences ?? []
    if (references.length === 0) return
    const classes = await this.#classify(node, references)
    if (classes === undefined) return
    const { solid, dangling, waiting } = classes
    if (solid.length > 0) {
      const lost = [...dangling, ...waiting].map((reference) => reference.uid)
      if (lost.length > 0) await this.#dropOwners(ref, identity, lost)
      return
    }
    if (waiting.length > 0 && node.dependents.size > 0) {
      // Owners in a circle would wait for each other for ever.
      if ([...node.dependents].some((dependent) => dependent.deletingDependents)) await this.#unblock(node, ref)
      return this.#delete(ref, latest, 'Foreground')
    }
    const policy = hasFinalizer(latest, orphanFinalizer)
      ? 'Orphan'
      : hasFinalizer(latest, foregroundFinalizer)
        ? 'Foreground'
        : 'Background'
    return this.#delete(ref, latest, policy)
  }

  /** Sets the dependents free, then lets the owner go. */
  async attemptToOrphan(uid: string): Promise<void> {
    const node = this.#graph.get(uid)
    if (node === undefined) return
    const results = await Promise.allSettled(
      [...node.dependents].map(async ({ identity }) => {
        try {
          await this.#dropOwners(this.#refOf(identity), identity, [uid])
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    await this.#removeFinalizer(this.#refOf(node.identity), node.identity, orphanFinalizer)
  }

  async #waitForDependents(node: Node, ref: ResourceRef): Promise<void> {
    const blocking = [...node.dependents].filter(({ owners }) =>
      owners.some(({ uid, blockOwnerDeletion }) => uid === node.identity.uid && blockOwnerDeletion),
    )
    if (blocking.length === 0) return this.#removeFinalizer(ref, node.identity, foregroundFinalizer)
    for (const dependent of blocking) if (!dependent.deletingDependents) this.#enqueue(dependent.identity.uid)
  }

  /** undefined: the references make no sense, and never will. */
  async #classify(node: Node, references: readonly OwnerReference[]) {
    const solid: OwnerReference[] = []
    const dangling: OwnerReference[] = []
    const waiting: OwnerReference[] = []
    const { namespace } = node.identity
    for (const reference of references) {
      if (this.#absent.has(reference, namespace)) {
        dangling.push(reference)
        continue
      }
      const ref = this.#refOf(reference)
      if (ref.namespaced && namespace === '') return undefined
      const owner = await this.#get(ref, { name: reference.name, namespace })
      if (owner === undefined || owner.metadata.uid !== reference.uid) {
        const { apiVersion, kind, name, uid } = reference
        this.#absent.add({ apiVersion, kind, name, uid, namespace: ref.namespaced ? namespace : '' })
        dangling.push(reference)
      } else if (owner.metadata.deletionTimestamp !== undefined && hasFinalizer(owner, foregroundFinalizer)) {
        waiting.push(reference)
      } else solid.push(reference)
    }
    return { solid, dangling, waiting }
  }

  async #delete(
    ref: ResourceRef,
    latest: KubeObject,
    propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
  ): Promise<void> {
    const { client } = this.#context
    const { uid, resourceVersion } = latest.metadata
    const key = keyOf(ref, identityOf(latest))
    try {
      try {
        await client.delete(ref, key, { preconditions: { uid, resourceVersion }, propagationPolicy })
      } catch (error) {
        if (!isReason(error, 'Conflict')) throw error
        // Changes that leave the owners alone do not matter.
        const live = await client.get(ref, key)
        const same = jsonEqual(live.metadata.ownerReferences, latest.metadata.ownerReferences)
        if (live.metadata.uid !== uid || live.metadata.resourceVersion === resourceVersion || !same) throw error
        await client.delete(ref, key, { preconditions: { uid }, propagationPolicy })
      }
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      this.#graph.removeVirtual(identityOf(latest))
    }
  }

  async #dropOwners(ref: ResourceRef, identity: Identity, ownerUids: readonly string[]): Promise<void> {
    const references = ownerUids.map((uid) => ({ $patch: 'delete', uid }))
    const patch = { metadata: { uid: identity.uid, ownerReferences: references } }
    await this.#patchOwners(ref, identity, patch, (owners) => owners.filter(({ uid }) => !ownerUids.includes(uid)))
  }
  async #unblock(node: Node, ref: ResourceRef): Promise<void> {
    const blocking = node.owners.filter(({ blockOwnerDeletion }) => blockOwnerDeletion)
    const references = blocking.map((reference) => ({ ...reference, blockOwnerDeletion: false }))
    const patch = { metadata: { uid: node.identity.uid, ownerReferences: references } }
    await this.#patchOwners(ref, node.identity, patch, (owners) =>
      owners.map((reference) => ({ ...reference, blockOwnerDeletion: false })),
    )
  }
  /** Custom resources know no strategic merge: they get the whole list, at the version it was made from. */
  async #patchOwners(
    ref: ResourceRef,
    identity: Identity,
    strategic: unknown,
    change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
  ): Promise<void> {
    const { client } = this.#context
    try {
      await client.patch(ref, keyOf(ref, identity), 'strategic', strategic)
    } catch (error) {
      if (!isReason(error, 'UnsupportedMediaType')) throw error
      const { metadata } = await client.get(ref, keyOf(ref, identity))
      const owners = change(metadata.ownerReferences ?? [])
      const ownerReferences = owners.length > 0 ? owners : null
      const patch = { metadata: { resourceVersion: metadata.resourceVersion, ownerReferences } }
      await client.patch(ref, keyOf(ref, identity), 'merge', patch)
    }
  }

  async #removeFinalizer(ref: ResourceRef, identity: Identity, finalizer: string): Promise<void> {
    const { client } = this.#context
    for (let attempt = 1; ; attempt++) {
      const live = await this.#get(ref, identity)
      if (live === undefined || live.metadata.uid !== identity.uid || !hasFinalizer(live, finalizer)) return
      const left = live.metadata.finalizers!.filter((other) => other !== finalizer)
      const finalizers = left.length > 0 ? left : null
      const patch = { metadata: { resourceVersion: live.metadata.resourceVersion, finalizers } }
      try {
        await client.patch(ref, keyOf(ref, identity), 'merge', patch)
        return
      } catch (error) {
        if (!isReason(error, 'Conflict') || attempt === 5) throw error
      }
    }
  }

  #refOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): ResourceRef {
    const ref = this.#kinds.find(apiVersion, kind)
    if (ref === undefined) throw new UnknownKind(`unable to get REST mapping for ${apiVersion}/${kind}.`)
    return ref
  }
  async #get(ref: ResourceRef, at: { name: string; namespace: string }): Promise<KubeObject | undefined> {
    try {
      return await this.#context.client.get(ref, keyOf(ref, at))
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

function keyOf(
  ref: ResourceRef,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): ObjectKey {
  return ref.namespaced ? { namespace, name } : { name }
}
