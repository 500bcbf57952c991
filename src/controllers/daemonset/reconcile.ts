import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { DaemonSet, DaemonSetStatus, Pod } from '../../api/types.generated.ts'
import { isPodAvailable, isPodReady, isPodTerminal } from '../pods/pod-state.ts'
import { createPod, deletePod, isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import { nothingToDo, type Plan, type Step, tell } from '../runtime/plan.ts'
import { byAge, daemonPods, isUpdated } from './daemon-pod.ts'
import { cleanUp, constructHistory } from './history.ts'
import { type Change, manage } from './manage.ts'
import { placementOf, targetNode } from './placement.ts'
import { rollingUpdate } from './rolling-update.ts'

/** At most so many pods are made or deleted at once; the next ones after these have been seen. */
export const burstReplicas = 250

export interface Decision {
  readonly plan: Plan<unknown>
  /** Nodes whose failed pod is deleted: the next one has to wait longer. */
  readonly killed: readonly string[]
}

/** Runs a pod on every node that the template fits (pkg/controller/daemon). `backoffMs`: of a node's failed pods. */
export function reconcile(observed: Observed<DaemonSet>, backoffMs: (nodeName: string) => number): Decision {
  const { object: set, view, now } = observed
  const { selector, minReadySeconds = 0 } = set.spec
  if (Object.values(selector).every((part) => part === undefined)) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.'
    return { plan: { steps: [tell('Warning', 'SelectingAll', message)] }, killed: [] }
  }
  // Its revisions may be deleted before its pods: nothing can be said about them.
  if (set.metadata.deletionTimestamp !== undefined) return { plan: nothingToDo, killed: [] }

  const { hash, old, steps: historySteps, collision } = constructHistory(observed)
  if (collision) {
    const collisionCount = (set.status?.collisionCount ?? 0) + 1
    return { plan: { steps: historySteps, status: () => ({ ...set.status, collisionCount }) }, killed: [] }
  }
  const all = observed.owned(pods)
  const podsByNode = groupByNode(
    all.filter((pod) => !(isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined)),
  )
  const nodeList = view(nodes).list()
  const placement = placementOf(set)
  const common = { set, hash, nodes: nodeList, podsByNode, placement, now }
  const managed = manage({ ...common, backoffMs })
  const steps: Step[] = [...historySteps, ...managed.tells]
  const settled = managed.create.length === 0 && managed.remove.length === 0
  const rolls = set.spec.updateStrategy?.type === 'RollingUpdate'
  // One after the other: what an update may delete depends on what there is then.
  steps.push(...changeSteps(set, hash, settled && rolls ? rollingUpdate(common) : managed))
  steps.push(...cleanUp(set, old, all))

  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 }
  for (const node of nodeList) {
    const [pod] = [...(podsByNode.get(node.metadata.name ?? '') ?? [])].sort(byAge)
    if (!placement(node).shouldRun) {
      if (pod !== undefined) counts.misscheduled++
      continue
    }
    counts.desired++
    if (pod === undefined) continue
    counts.current++
    if (isPodReady(pod)) counts.ready++
    if (isPodAvailable(pod, minReadySeconds, now)) counts.available++
    if (isUpdated(set, pod, hash)) counts.updated++
  }
  const status: DaemonSetStatus = {
    ...set.status,
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: counts.desired,
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    numberReady: counts.ready,
    updatedNumberScheduled: counts.updated,
    numberAvailable: counts.available,
    numberUnavailable: counts.desired - counts.available,
  }
  const waits = [managed.retryMs, counts.ready === counts.available ? undefined : minReadySeconds * 1000]
  const due = waits.filter((wait) => wait !== undefined)
  const requeueAfterMs = due.length === 0 ? undefined : Math.min(...due)
  return { plan: { steps, status: () => status, requeueAfterMs }, killed: managed.killed }
}

function groupByNode(all: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>()
  for (const pod of all) {
    const name = targetNode(pod)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [pod])
    else group.push(pod)
  }
  return groups
}

function changeSteps(set: DaemonSet, hash: string, { create, remove }: Change): Step[] {
  const steps: Step[] = []
  if (remove.length > 0) {
    steps.push({ do: 'batch', slowStart: false, writes: remove.slice(0, burstReplicas).map(deletePod) })
  }
  if (create.length > 0) {
    const podFor = daemonPods(set, hash)
    const writes = create
      .slice(0, burstReplicas)
      .map((nodeName) => ({ ...createPod(podFor(nodeName)), ignore: isNamespaceTerminating }))
    steps.push({ do: 'batch', slowStart: true, writes })
  }
  return steps
}
