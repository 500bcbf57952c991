import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, StatefulSet } from '../../api/types.generated.ts'
import { isPodTerminal } from '../pods/pod-state.ts'
import type { Observed } from '../runtime/observed.ts'
import { type Tell, tell, type Write } from '../runtime/plan.ts'
import type { NewPod } from '../pods/pod-writes.ts'
import { claimsOf, desiredOwners, hasOtherController, isOwnerUpToDate, isStale, type Member } from './claims.ts'
import { claimNotes, podNotes } from './events.ts'
import { corrected, isRunningAndReady, isTerminating, isUnavailable } from './stateful-pod.ts'

/** What a pod of the set needs now. */
export interface Work {
  readonly tells: readonly Tell[]
  /** Claims to make before the pod. */
  readonly claims: readonly Write[]
  readonly pod: readonly Write[]
  /** Claims to write after it. */
  readonly after: readonly Write[]
  /** Where pods come one after the other, the next ones have to wait. */
  readonly blocks: boolean
}

/** A pod that there is, or one to make. */
export type Replica =
  | { readonly ordinal: number; readonly pod: Pod; readonly created?: undefined }
  | { readonly ordinal: number; readonly pod?: undefined; readonly created: NewPod }

const idle: Work = { tells: [], claims: [], pod: [], after: [], blocks: false }
const blocked: Work = { ...idle, blocks: true }

export function memberOf(replica: Replica): Member {
  return { ordinal: replica.ordinal, object: replica.pod ?? replica.created }
}

/** Makes a pod, replaces an ended one, mends one that is there (stateful_set_control.go processReplica). */
export function workOnReplica(observed: Observed<StatefulSet>, replica: Replica): Work {
  const { object: set, now } = observed
  const member = memberOf(replica)
  const { pod } = replica
  if (pod === undefined) return create(observed, replica.created, member)
  if (isPodTerminal(pod)) return isTerminating(pod) ? blocked : { ...blocked, pod: [deletion(set, pod)] }

  const isPending = pod.status?.phase === 'Pending'
  const works = isRunningAndReady(pod) && !isUnavailable(pod, set.spec.minReadySeconds ?? 0, now)
  const claims = isPending ? missingClaims(observed, member).claims : []
  const after = claimUpdates(observed, member).writes
  if (!works && set.spec.podManagementPolicy !== 'Parallel')
    return { ...blocked, claims, after: isPending ? after : [] }
  const mended = corrected(set, pod)
  return {
    ...idle,
    claims,
    pod:
      mended === undefined
        ? []
        : [{ do: 'update', ref: pods, object: mended, ...podNotes('Update', set, nameOf(member)) }],
    after,
  }
}

function create(observed: Observed<StatefulSet>, pod: NewPod, member: Member): Work {
  const { object: set } = observed
  const existing = existingClaims(observed, member)
  // They go away with the pod of this name that was there before.
  if (existing.some((claim) => isStale(claim, set, member))) return blocked
  const leaving = existing.find(({ metadata }) => metadata.deletionTimestamp !== undefined)
  if (leaving !== undefined) {
    const error = new Error(`pvc ${leaving.metadata.name} is being deleted`)
    const note = podNotes('Create', set, nameOf(member)).failed?.(error)
    return { ...blocked, tells: note === undefined ? [] : [{ do: 'tell', ...note }] }
  }
  const { tells, writes } = claimUpdates(observed, member)
  return {
    tells,
    claims: missingClaims(observed, member).claims,
    pod: [{ do: 'create', ref: pods, object: pod, ...podNotes('Create', set, nameOf(member)) }],
    after: writes,
    blocks: true,
  }
}

function nameOf({ object }: Member): string {
  return object.metadata.name ?? ''
}

function existingClaims({ object: set, view }: Observed<StatefulSet>, member: Member) {
  return claimsOf(set, member).flatMap(({ metadata }) => {
    const claim = view(persistentVolumeClaims).get(`${metadata.namespace}/${metadata.name}`)
    return claim === undefined ? [] : [claim]
  })
}

function missingClaims({ object: set, view }: Observed<StatefulSet>, member: Member): Work {
  const claims = claimsOf(set, member)
    .filter(({ metadata }) => view(persistentVolumeClaims).get(`${metadata.namespace}/${metadata.name}`) === undefined)
    .map(
      (object): Write => ({
        do: 'create',
        ref: persistentVolumeClaims,
        object,
        ...claimNotes(set, nameOf(member), object.metadata.name!),
      }),
    )
  return { ...idle, claims }
}

/** Lets claims go with the set or with the pod, as the retention policy says. */
export function claimUpdates(
  observed: Observed<StatefulSet>,
  member: Member,
): { readonly tells: readonly Tell[]; readonly writes: readonly Write[] } {
  const { object: set } = observed
  const tells: Tell[] = []
  const writes: Write[] = []
  for (const claim of existingClaims(observed, member)) {
    if (hasOtherController(claim, set, member)) {
      const message = `PersistentVolumeClaim ${claim.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`
      tells.push(tell('Warning', 'ConflictingController', message))
    }
    if (isOwnerUpToDate(claim, set, member)) continue
    const ownerReferences = desiredOwners(claim, set, member)
    const object = { ...claim, metadata: { ...claim.metadata, ownerReferences } }
    writes.push({ do: 'update', ref: persistentVolumeClaims, object })
  }
  return { tells, writes }
}

export function deletion(set: StatefulSet, pod: Pod): Write {
  return { do: 'delete', ref: pods, object: pod, ...podNotes('Delete', set, pod.metadata.name ?? '') }
}
