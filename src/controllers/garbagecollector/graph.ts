import type { KubeObject, OwnerReference } from '../../machinery/meta/object.ts'

/** Coordinates of an object, as it is or as an owner reference claims it to be. */
export interface Identity {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** '' for cluster-scoped kinds. Of a virtual node: the namespace of the first dependent that named it. */
  readonly namespace: string
}

export interface Node {
  identity: Identity
  readonly dependents: Set<Node>
  owners: readonly OwnerReference[]
  beingDeleted: boolean
  /** Being deleted in the foreground: it waits for its dependents. */
  deletingDependents: boolean
  /** Known only by the references to it. */
  virtual: boolean
}

export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** What the graph asks of the collector. */
export interface GraphListener {
  /** Look whether the node is still wanted. */
  attemptToDelete(uid: string): void
  /** As above, after a pause: its identity is in doubt. */
  attemptToDeleteLater(uid: string): void
  attemptToOrphan(uid: string): void
  /** It is certain that no such object exists. */
  ownerIsAbsent(identity: Identity): void
  /** A namespaced object is named as owner from another namespace. */
  invalidNamespace(node: Node, reference: OwnerReference): void
}

/**
 * Who owns whom, of all objects, kept up to date by what informers report
 * (pkg/controller/garbagecollector/graph_builder.go). An owner that was never seen is a virtual node until the server
 * has said whether it exists.
 */
export class DependencyGraph {
  readonly #nodes = new Map<string, Node>()
  readonly #listener: GraphListener

  constructor(listener: GraphListener) {
    this.#listener = listener
  }
  get(uid: string): Node | undefined {
    return this.#nodes.get(uid)
  }
  get size(): number {
    return this.#nodes.size
  }

  /** An object was added or changed. */
  put(object: KubeObject, old: KubeObject | undefined): void {
    const identity = identityOf(object)
    const owners = object.metadata.ownerReferences ?? []
    const beingDeleted = object.metadata.deletionTimestamp !== undefined
    let node = this.#nodes.get(identity.uid)
    if (node?.virtual) this.#observe(node, identity)
    if (node === undefined) {
      const deletingDependents = beingDeleted && hasFinalizer(object, foregroundFinalizer)
      node = { identity, dependents: new Set(), owners, beingDeleted, deletingDependents, virtual: false }
      this.#nodes.set(identity.uid, node)
      this.#addToOwners(node, owners)
    } else {
      this.#changeOwners(node, owners)
      if (beingDeleted) node.beingDeleted = true
    }
    this.#transitions(node, object, old)
  }

  /** An object was removed. */
  remove(object: KubeObject): void {
    const node = this.#nodes.get(object.metadata.uid ?? '')
    if (node !== undefined) this.#remove(node, identityOf(object))
  }

  /** The server knows no object of this identity. */
  removeVirtual(identity: Identity): void {
    const node = this.#nodes.get(identity.uid)
    if (node === undefined) return
    if (node.virtual) {
      const { matching, others } = partition(node.dependents, identity)
      if (others.length === 0) return this.#remove(node, identity)
      // Dependents disagree about who their owner is: only those that named this one have lost it.
      this.#lost(matching, identity)
      if (!sameIdentity(node.identity, identity)) return
      const alternative = alternativeIdentity(others, identity)
      if (alternative === undefined) return
      node.identity = alternative
      this.#listener.attemptToDeleteLater(identity.uid)
    } else if (sameIdentity(node.identity, identity)) this.#remove(node, identity)
    else this.#lost(partition(node.dependents, identity).matching, identity)
  }

  #lost(dependents: readonly Node[], owner: Identity): void {
    if (dependents.length === 0) return
    this.#listener.ownerIsAbsent(owner)
    for (const dependent of dependents) this.#listener.attemptToDelete(dependent.identity.uid)
  }

  #observe(node: Node, identity: Identity): void {
    node.virtual = false
    if (sameIdentity(node.identity, identity)) return
    for (const dependent of partition(node.dependents, identity).others) {
      if (identity.namespace !== '' && dependent.identity.namespace !== identity.namespace) {
        this.#reportNamespace(dependent, identity.uid)
      }
      this.#listener.attemptToDelete(dependent.identity.uid)
    }
    node.identity = identity
  }

  #addToOwners(node: Node, owners: readonly OwnerReference[]): void {
    let doubtful = false
    for (const reference of owners) {
      let owner = this.#nodes.get(reference.uid)
      if (owner === undefined) {
        owner = virtualNode(reference, node.identity.namespace)
        owner.dependents.add(node)
        this.#nodes.set(reference.uid, owner)
        this.#listener.attemptToDelete(reference.uid)
        continue
      }
      owner.dependents.add(node)
      if (doubtful) continue
      const { namespace } = owner.identity
      if (namespace !== '' && namespace !== node.identity.namespace) {
        if (!owner.virtual) this.#reportNamespace(node, reference.uid)
        doubtful = true
      } else if (!names(reference, owner.identity)) doubtful = true
      // A cluster-scoped object may name a namespaced owner by mistake.
      else if (namespace === '' && node.identity.namespace !== '' && owner.virtual) doubtful = true
    }
    if (doubtful) this.#listener.attemptToDelete(node.identity.uid)
  }

  #changeOwners(node: Node, owners: readonly OwnerReference[]): void {
    const before = new Map(node.owners.map((reference) => [reference.uid, reference]))
    const added: OwnerReference[] = []
    const unblocked: string[] = []
    for (const reference of owners) {
      const old = before.get(reference.uid)
      before.delete(reference.uid)
      if (old === undefined) added.push(reference)
      else if (old.blockOwnerDeletion && !reference.blockOwnerDeletion) unblocked.push(reference.uid)
    }
    for (const removed of before.values()) if (removed.blockOwnerDeletion) unblocked.push(removed.uid)
    node.owners = owners
    for (const uid of unblocked) if (this.#nodes.has(uid)) this.#listener.attemptToDelete(uid)
    this.#addToOwners(node, added)
    for (const uid of before.keys()) this.#leaveOwner(node, uid)
  }

  #leaveOwner(node: Node, ownerUid: string): void {
    this.#nodes.get(ownerUid)?.dependents.delete(node)
  }

  #transitions(node: Node, object: KubeObject, old: KubeObject | undefined): void {
    const starts = (finalizer: string) =>
      isDeletedWith(object, finalizer) && (old === undefined || !isDeletedWith(old, finalizer))
    if (starts(orphanFinalizer)) this.#listener.attemptToOrphan(node.identity.uid)
    else if (starts(foregroundFinalizer)) {
      node.deletingDependents = true
      for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent.identity.uid)
      this.#listener.attemptToDelete(node.identity.uid)
    }
  }

  #remove(node: Node, identity: Identity): void {
    this.#nodes.delete(node.identity.uid)
    for (const { uid } of node.owners) {
      this.#leaveOwner(node, uid)
      if (this.#nodes.get(uid)?.deletingDependents) this.#listener.attemptToDelete(uid)
    }
    if (node.dependents.size > 0) this.#listener.ownerIsAbsent(identity)
    for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent.identity.uid)
  }

  #reportNamespace(node: Node, ownerUid: string): void {
    const reference = node.owners.find(({ uid }) => uid === ownerUid)
    if (reference !== undefined) this.#listener.invalidNamespace(node, reference)
  }
}

function virtualNode({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Node {
  const identity = { apiVersion, kind, name, uid, namespace }
  return {
    identity,
    dependents: new Set(),
    owners: [],
    beingDeleted: false,
    deletingDependents: false,
    virtual: true,
  }
}

export function identityOf({ apiVersion, kind, metadata }: KubeObject): Identity {
  return { apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', namespace: metadata.namespace ?? '' }
}

export function hasFinalizer({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false
}

function isDeletedWith(object: KubeObject, finalizer: string): boolean {
  return object.metadata.deletionTimestamp !== undefined && hasFinalizer(object, finalizer)
}

/** The reference says the same of its owner as is known of it, the namespace aside. */
function names(reference: OwnerReference, identity: Identity): boolean {
  return (
    reference.apiVersion === identity.apiVersion &&
    reference.kind === identity.kind &&
    reference.name === identity.name &&
    reference.uid === identity.uid
  )
}
function sameIdentity(a: Identity, b: Identity): boolean {
  return names(a, b) && a.namespace === b.namespace
}

/** The dependents whose reference means exactly this identity, and those that say otherwise; one may be both. */
function partition(dependents: Iterable<Node>, owner: Identity): { matching: Node[]; others: Node[] } {
  const matching: Node[] = []
  const others: Node[] = []
  for (const dependent of dependents) {
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid)
    const elsewhere = owner.namespace !== '' && owner.namespace !== dependent.identity.namespace
    if (!elsewhere && references.some((reference) => names(reference, owner))) matching.push(dependent)
    if (elsewhere || references.some((reference) => !names(reference, owner))) others.push(dependent)
  }
  return { matching, others }
}

/** Another identity that dependents give to the same uid: the next after the absent one, in order, else the first. */
function alternativeIdentity(dependents: readonly Node[], absent: Identity): Identity | undefined {
  const found: Identity[] = []
  for (const { owners, identity } of dependents) {
    for (const reference of owners) {
      if (reference.uid !== absent.uid) continue
      if (names(reference, absent) && (absent.namespace === '' || absent.namespace === identity.namespace)) continue
      const { apiVersion, kind, name, uid } = reference
      const clusterScoped = absent.namespace === '' && apiVersion === absent.apiVersion && kind === absent.kind
      found.push({ apiVersion, kind, name, uid, namespace: clusterScoped ? '' : identity.namespace })
    }
  }
  const order = ({ kind, apiVersion, namespace, name }: Identity) => [kind, apiVersion, namespace, name].join('\0')
  const sorted = found.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return sorted.find((identity) => order(identity) > order(absent)) ?? sorted.find((one) => !sameIdentity(one, absent))
}
