import type { DaemonSet, Node, Pod } from '../../api/types.generated.ts'
import { revisionHashLabel } from '../history/revisions.ts'
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts'
import { type Tell, tell } from '../runtime/plan.ts'
import { byAge } from './daemon-pod.ts'
import type { Placement } from './placement.ts'
import { surgeCount } from './update-counts.ts'

/** Pods to make and to delete. */
export interface Change {
  readonly create: readonly string[]
  readonly remove: readonly Pod[]
}

export interface Management extends Change {
  readonly tells: readonly Tell[]
  /** Nodes whose failed pod is deleted now. */
  readonly killed: readonly string[]
  /** In how long the next failed pod may be deleted. */
  readonly retryMs: number | undefined
}

/** One pod on each node that should have one, none elsewhere (daemon_controller.go manage). */
export function manage(options: {
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>
  readonly placement: (node: Node) => Placement
  /** How long a failed pod of the node has to be left alone. */
  readonly backoffMs: (nodeName: string) => number
  readonly now: number
}): Management {
  const { set, hash, nodes, podsByNode, placement, backoffMs, now } = options
  const surges = surgeCount(set, 1) > 0
  const create: string[] = []
  const remove: Pod[] = []
  const tells: Tell[] = []
  const killed: string[] = []
  const waits: number[] = []

  const runningOn = (name: string, there: readonly Pod[]) => {
    const running: Pod[] = []
    for (const pod of there) {
      const { phase } = pod.status ?? {}
      const what = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${name}`
      if (phase === 'Failed') {
        // The kubelet may refuse the pod again and again.
        const wait = killed.includes(name) ? 1000 : backoffMs(name)
        if (wait > 0) {
          waits.push(wait)
          continue
        }
        killed.push(name)
        tells.push(tell('Warning', 'FailedDaemonPod', `Found failed ${what}, will try to kill it`))
        remove.push(pod)
      } else if (phase === 'Succeeded') {
        tells.push(tell('Normal', 'SucceededDaemonPod', `Found succeeded ${what}, will try to delete it`))
        remove.push(pod)
      } else running.push(pod)
    }
    return running.sort(byAge)
  }

  for (const node of nodes) {
    const name = node.metadata.name ?? ''
    const { shouldRun, shouldContinue } = placement(node)
    const there = podsByNode.get(name)
    if (there === undefined) {
      if (shouldRun) create.push(name)
      continue
    }
    const staying = there.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    if (!shouldContinue) {
      remove.push(...staying)
      continue
    }
    const running = runningOn(name, staying)
    if (!surges) remove.push(...running.slice(1))
    else if (running.length === 0 && shouldRun) create.push(name)
    else if (running.length > 1) remove.push(...surplus(running, hash, set.spec.minReadySeconds ?? 0, now))
  }

  // Such pods will never be bound, so nobody else deletes them.
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const [name, there] of podsByNode) {
    if (!known.has(name)) remove.push(...there.filter(({ spec }) => !spec.nodeName))
  }
  return { create, remove, tells, killed, retryMs: waits.length === 0 ? undefined : Math.min(...waits) }
}

/** While surging, two pods may be on a node: the old one that works and the new one that does not yet. */
function surplus(running: readonly Pod[], hash: string, minReadySeconds: number, now: number): Pod[] {
  const isNew = (pod: Pod) => pod.metadata.labels?.[revisionHashLabel] === hash
  const newest = running.find(isNew)
  const oldest = running.find((pod) => !isNew(pod))
  const remove = running.filter((pod) => pod !== newest && pod !== oldest)
  if (newest && oldest && (!isPodReady(oldest) || isPodAvailable(newest, minReadySeconds, now))) remove.push(oldest)
  return remove
}
