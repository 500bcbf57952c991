import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { replicationControllers } from '../../api/core/v1/replication-controller.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { podDisruptionBudgets } from '../../api/policy/v1/pod-disruption-budget.ts'
import type { Pod, PodDisruptionBudget } from '../../api/types.generated.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { controllerOf, type KubeObject } from '../../machinery/meta/object.ts'
import { isPodReady, isPodTerminal, podCondition, timeOf } from '../pods/pod-state.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { KindLookup } from '../runtime/kind-lookup.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { otherScales } from './other-scales.ts'
import { reconcile, scaleOf, selectedPods } from './reconcile.ts'

/** A disruption that was announced and has not come in this time is called off. */
const staleMs = 2 * 60_000

/**
 * Disruption: keeps the status of PodDisruptionBudgets, by which evictions are granted. Keys: `budget/NAMESPACE/NAME`,
 * `pod/NAMESPACE/NAME` of pods whose disruption was announced.
 */
export const disruptionController = defineSync({
  name: 'disruption-controller',
  eventSource: 'controllermanager',
  setup(context) {
    const { client, informers, recorder, clock } = context
    const budgets = informers.for(podDisruptionBudgets)
    const allPods = informers.for(pods)
    const workloads = [deployments, replicaSets, statefulSets, replicationControllers] as readonly ResourceRef[]
    const views = new Map<ResourceRef, Informer<KubeObject>>(workloads.map((ref) => [ref, informers.for(ref)]))
    views.set(pods as ResourceRef, allPods as unknown as Informer<KubeObject>)
    const view = <T extends KubeObject>(ref: ResourceRef<T>) => views.get(ref as ResourceRef) as unknown as Informer<T>
    const kinds = new KindLookup(client.transport, clock)
    const budgetsOf = ({ metadata }: Pod) =>
      budgets
        .byIndex('namespace', metadata.namespace ?? '')
        .filter(({ spec }) => cachedSelector(spec.selector).matches(metadata.labels))

    const syncBudget = async (budget: PodDisruptionBudget) => {
      const needsScale = budget.spec.maxUnavailable !== undefined || typeof budget.spec.minAvailable === 'string'
      const others = needsScale
        ? await otherScales(
            client,
            kinds,
            selectedPods(budget, allPods),
            ({ kind, name, uid }, namespace) => scaleOf(kind, `${namespace}/${name}`, uid, view) !== undefined,
          )
        : undefined
      const { steps = [], status, requeueAfterMs } = reconcile({ object: budget, view, now: clock.now() }, others)
      for (const step of steps)
        if (step.do === 'tell') recorder.event(step.about ?? budget, step.type, step.reason, step.message)
      const next = status!({ error: undefined })
      // A budget with nothing in it is one that nobody has looked at yet.
      if (budget.status?.conditions === undefined || !semanticEqual(next, budget.status))
        await client.update(podDisruptionBudgets, { ...budget, status: next }, { subresource: 'status' })
      return { requeueAfterMs }
    }

    return {
      ready: (signal) => Promise.all([budgets, ...views.values()].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const [what, ...rest] = key.split('/')
        const name = rest.join('/')
        if (what === 'pod') {
          const pod = allPods.get(name)
          return pod === undefined ? undefined : callOff(context, pod)
        }
        const budget = budgets.get(name)
        return budget === undefined ? undefined : syncBudget(budget)
      },
      watch(queue) {
        const wake = (budget: PodDisruptionBudget) => queue.add(`budget/${keyOf(budget)}`)
        const podSeen = (pod: Pod, old?: Pod) => {
          if (old === undefined || changed(pod, old)) {
            const matching = budgetsOf(pod)
            matching.forEach(wake)
            const relabelled = old === undefined || !semanticEqual(old.metadata.labels, pod.metadata.labels)
            if (matching.length > 1 && relabelled) {
              const { namespace, name } = pod.metadata
              const chosen = matching[0]!.metadata.name
              const message = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`
              recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message)
            }
          }
          if (old !== undefined && !semanticEqual(old.metadata.labels, pod.metadata.labels))
            budgetsOf(old).forEach(wake)
          if (isAnnounced(pod)) queue.add(`pod/${keyOf(pod)}`)
        }
        const workloadSeen = ({ metadata }: KubeObject) =>
          budgets.byIndex('namespace', metadata.namespace ?? '').forEach(wake)
        const scaleSeen = (object: KubeObject, old: KubeObject) => {
          const replicas = (one: KubeObject) => (one as { spec?: { replicas?: number } }).spec?.replicas
          if (replicas(object) !== replicas(old)) workloadSeen(object)
        }
        const stops = [
          budgets.subscribe({ added: wake, updated: wake }),
          allPods.subscribe({ added: podSeen, updated: podSeen, deleted: (pod) => budgetsOf(pod).forEach(wake) }),
          ...workloads.map((ref) =>
            view(ref).subscribe({ added: workloadSeen, updated: scaleSeen, deleted: workloadSeen }),
          ),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})

/** What of a pod a budget looks at. */
function changed(pod: Pod, old: Pod): boolean {
  return (
    isPodReady(pod) !== isPodReady(old) ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    controllerOf(pod)?.uid !== controllerOf(old)?.uid ||
    !semanticEqual(pod.metadata.labels, old.metadata.labels)
  )
}

/** Announced by anybody but the kubelet, who ends what it has announced in its own time. */
function isAnnounced(pod: Pod): boolean {
  const condition = podCondition(pod, 'DisruptionTarget')
  return (
    condition?.status === 'True' &&
    condition.reason !== 'TerminationByKubelet' &&
    pod.metadata.deletionTimestamp === undefined &&
    !isPodTerminal(pod)
  )
}

/** A disruption that did not come: whoever counts failures must not see it as one (KEP-3329). */
async function callOff(
  { client, clock }: ControllerContext,
  pod: Pod,
): Promise<{ requeueAfterMs: number } | undefined> {
  if (!isAnnounced(pod)) return
  const now = clock.now()
  const dueMs = (timeOf(podCondition(pod, 'DisruptionTarget')!.lastTransitionTime) ?? 0) + staleMs - now
  if (dueMs > 0) return { requeueAfterMs: dueMs }
  const condition = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: formatTime(now) }
  const conditions = pod.status.conditions!.map((other) => (other.type === condition.type ? condition : other))
  const told = { ...pod, status: { ...pod.status, conditions } }
  try {
    await client.update(pods, told, { subresource: 'status' })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  return
}
