import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types.generated.ts'
import { isPodTerminal } from '../pods/pod-state.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import { sameTemplate } from '../pods/template-hash.ts'
import type { Observed } from '../runtime/observed.ts'
import { isControlledBy } from '../runtime/ownership.ts'
import { type Plan, type Step, tell } from '../runtime/plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { byRevision, maxRevision, newSetAnnotations, replicasAnnotations, revisionAnnotation } from './annotations.ts'
import { newSet, type NewSet } from './new-set.ts'
import { rollbackSteps, rollbackTo } from './rollback.ts'
import { isScalingEvent, newSetSize, rolledSizes, scaledSizes, type Sizes } from './scale.ts'
import { allOf, byAge, isActive, replicasOf, type Sets, setsOf, sum } from './sets.ts'
import * as status from './status.ts'
import { historyLimit, isRollingUpdate, progressDeadlineMs, wantedReplicas } from './strategy.ts'

type DeploymentPlan = Plan<DeploymentStatus>

/** Brings pods from one template to the next by way of ReplicaSets (pkg/controller/deployment). */
export function reconcile(observed: Observed<Deployment>): DeploymentPlan {
  const { object: deployment, now } = observed
  if (semanticEqual(deployment.spec.selector, {})) return selectsAll(deployment)
  const owned = setsOf(deployment, observed.owned(replicaSets))
  const before = deployment.status?.conditions ?? []
  if (deployment.metadata.deletionTimestamp !== undefined) {
    return { status: () => status.countedStatus(deployment, owned, before, now) }
  }
  const conditions = status.pausedConditions(deployment, before, now)
  const sets = withCurrentUpdated(deployment, owned)
  const asked = rollbackTo(deployment)
  if (asked !== undefined && !deployment.spec.paused) return { steps: rollbackSteps(deployment, owned, asked) }

  if (deployment.spec.paused || isScalingEvent(deployment, owned)) {
    const sizes = scaledSizes(deployment, sets)
    const next = resized(deployment, sets, sizes)
    const steps = [...revisionSteps(deployment, sets), ...setSteps(owned, next)]
    if (deployment.spec.paused && asked === undefined) steps.push(...cleanup(deployment, owned.old))
    const found = foundCondition(deployment, next, conditions, now)
    return { steps, status: () => status.countedStatus(deployment, next, found, now) }
  }

  if (!isRollingUpdate(deployment)) {
    const shrunk: Sizes = new Map(sets.old.filter(isActive).map((set) => [set, 0] as const))
    if (shrunk.size > 0) return rollOut(observed, owned, resized(deployment, sets, shrunk), conditions)
    if (oldPodsRunning(observed, sets)) return rollOut(observed, owned, sets, conditions)
    if (sets.current === undefined) return createSet(observed, sets, conditions)
    const wanted = wantedReplicas(deployment)
    const grown: Sizes = new Map(replicasOf(sets.current) === wanted ? [] : [[sets.current, wanted]])
    return rollOut(observed, owned, resized(deployment, sets, grown), conditions)
  }
  if (sets.current === undefined) return createSet(observed, sets, conditions)
  const sizes = rolledSizes(deployment, { current: sets.current, old: sets.old })
  return rollOut(observed, owned, resized(deployment, sets, sizes), conditions)
}

function selectsAll(deployment: Deployment): DeploymentPlan {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  return {
    steps: [tell('Warning', 'SelectingAll', message)],
    status: () => ({ ...deployment.status, observedGeneration: deployment.metadata.generation }),
  }
}

/** The new state of a rollout: writes the sets that changed, cleans up when all is done, and reports. */
function rollOut(
  { object: deployment, now }: Observed<Deployment>,
  before: Sets,
  next: Sets,
  conditions: readonly DeploymentCondition[],
): DeploymentPlan {
  const changes = setSteps(before, next)
  const steps = [...revisionSteps(deployment, next), ...changes]
  if (changes.length === 0 && status.isComplete(deployment, deployment.status)) {
    steps.push(...cleanup(deployment, before.old))
  }
  const found = foundCondition(deployment, next, conditions, now)
  const rolled = status.rolloutStatus(deployment, next, found, now)
  return { steps, status: () => rolled, requeueAfterMs: status.progressCheckMs(deployment, rolled, now) }
}

function createSet(
  { object: deployment, view, now }: Observed<Deployment>,
  sets: Sets,
  conditions: readonly DeploymentCondition[],
): DeploymentPlan {
  const revision = maxRevision(sets.old) + 1n
  const set = newSet(deployment, revision, newSetSize(deployment, sum(sets.old, replicasOf), 0))
  const { namespace, name } = set.metadata
  const other = view(replicaSets).get(`${namespace}/${name}`)
  if (other !== undefined && !isOurs(deployment, other)) {
    // Two templates with one hash: the next attempt gets another one.
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    return { status: () => ({ ...deployment.status, conditions, collisionCount }) }
  }
  const counts = (conditions: readonly DeploymentCondition[]) => status.countedStatus(deployment, sets, conditions, now)
  const tracked = progressDeadlineMs(deployment) !== undefined
  const say = (status_: 'True' | 'False', reason: string, message: string) =>
    tracked
      ? status.withCondition(conditions, status.newCondition(now, 'Progressing', status_, reason, message))
      : conditions
  return {
    steps: [createStep(set), ...deploymentRevision(deployment, String(revision))],
    status: ({ error }) => {
      if (error === undefined) return counts(say('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`))
      if (isNamespaceTerminating(error)) return { ...deployment.status, conditions }
      return counts(say('False', 'ReplicaSetCreateError', failedToCreate(set, error)))
    },
  }
}

function isOurs(deployment: Deployment, set: ReplicaSet): boolean {
  return isControlledBy(set, deployment) && sameTemplate(set.spec.template, deployment.spec.template)
}

function createStep(set: NewSet): Step {
  const { replicas = 0 } = set.spec
  return {
    do: 'create',
    ref: replicaSets,
    object: set,
    succeeded: (created) =>
      replicas > 0
        ? {
            type: 'Normal',
            reason: 'ScalingReplicaSet',
            message: `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`,
          }
        : undefined,
    failed: (error) =>
      isNamespaceTerminating(error)
        ? undefined
        : { type: 'Warning', reason: 'ReplicaSetCreateError', message: failedToCreate(set, error) },
  }
}
function failedToCreate(set: NewSet, error: Error): string {
  return `Failed to create new replica set "${set.metadata.name}": ${error.message}`
}

/** Gives the present set its revision, the deployment's annotations and minReadySeconds, where they differ. */
function withCurrentUpdated(deployment: Deployment, sets: Sets): Sets {
  const { current, old } = sets
  if (current === undefined) return sets
  const present = current.metadata.annotations ?? {}
  const annotations = newSetAnnotations(deployment, present, maxRevision(old) + 1n)
  const { minReadySeconds } = deployment.spec
  if (semanticEqual(annotations, present) && (current.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0)) return sets
  const metadata = { ...current.metadata, annotations }
  return { current: { ...current, metadata, spec: { ...current.spec, minReadySeconds } }, old }
}

/** The sets at their new sizes, with the note of what the deployment wanted. */
function resized(deployment: Deployment, sets: Sets, sizes: Sizes): Sets {
  const resize = (set: ReplicaSet): ReplicaSet => {
    const replicas = sizes.get(set)
    if (replicas === undefined) return set
    const annotations = { ...set.metadata.annotations, ...replicasAnnotations(deployment) }
    return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } }
  }
  return { current: sets.current && resize(sets.current), old: sets.old.map(resize) }
}

function setSteps(before: Sets, next: Sets): Step[] {
  const known = new Map(allOf(before).map((set) => [set.metadata.uid, set]))
  const steps: Step[] = []
  for (const set of next.current === undefined ? next.old : [next.current, ...next.old]) {
    const old = known.get(set.metadata.uid)!
    if (set === old || (semanticEqual(set.spec, old.spec) && semanticEqual(set.metadata, old.metadata))) continue
    const [from, to] = [replicasOf(old), replicasOf(set)]
    const message = `Scaled ${from < to ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${to}`
    steps.push({
      do: 'update',
      ref: replicaSets,
      object: set,
      succeeded: () => (from === to ? undefined : { type: 'Normal', reason: 'ScalingReplicaSet', message }),
    })
  }
  return steps
}

/** The deployment carries the revision of its present set. */
function revisionSteps(deployment: Deployment, { current }: Sets): Step[] {
  const revision = current?.metadata.annotations?.[revisionAnnotation]
  return revision === undefined ? [] : deploymentRevision(deployment, revision)
}
function deploymentRevision(deployment: Deployment, revision: string): Step[] {
  const { metadata } = deployment
  if (metadata.annotations?.[revisionAnnotation] === revision) return []
  const annotations = { ...metadata.annotations, [revisionAnnotation]: revision }
  const object = { ...deployment, metadata: { ...metadata, annotations } }
  // Through the status, as upstream: annotations written with the object would count as a new generation.
  return [{ do: 'update', ref: deployments, object, subresource: 'status' }]
}

/** Progress is reckoned from when a set that nobody reported on was first noticed. */
function foundCondition(
  deployment: Deployment,
  { current }: Sets,
  conditions: readonly DeploymentCondition[],
  now: number,
): readonly DeploymentCondition[] {
  if (current === undefined || progressDeadlineMs(deployment) === undefined) return conditions
  if (status.conditionOf(conditions, 'Progressing') !== undefined) return conditions
  const message = `Found new replica set "${current.metadata.name}"`
  return status.withCondition(
    conditions,
    status.newCondition(now, 'Progressing', 'True', 'FoundNewReplicaSet', message),
  )
}

/** Deletes the oldest revisions beyond the limit that hold no pods. */
function cleanup(deployment: Deployment, old: readonly ReplicaSet[]): Step[] {
  const limit = historyLimit(deployment)
  if (limit === undefined) return []
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const sorted = [...alive].sort((a, b) => byRevision(a, b) || byAge(a, b))
  return sorted
    .slice(0, Math.max(0, sorted.length - limit))
    .filter((set) => {
      const { generation = 0 } = set.metadata
      const { replicas = 0, observedGeneration = 0 } = set.status ?? {}
      return replicas === 0 && replicasOf(set) === 0 && generation <= observedGeneration
    })
    .map((set) => ({ do: 'delete', ref: replicaSets, object: set }))
}

/** Whether pods of former templates are still there (recreate.go oldPodsRunning). */
function oldPodsRunning({ view }: Observed<Deployment>, { old }: Sets): boolean {
  if (sum(old, (set) => set.status?.replicas) > 0) return true
  return old.some((set) =>
    view(pods)
      .byIndex('ownerUid', set.metadata.uid ?? '')
      .some((pod) => isControlledBy(pod, set) && !isPodTerminal(pod)),
  )
}
