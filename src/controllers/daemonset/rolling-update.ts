import type { DaemonSet, Node, Pod } from '../../api/types.generated.ts'
import { isPodAvailable } from '../pods/pod-state.ts'
import { isUpdated } from './daemon-pod.ts'
import type { Change } from './manage.ts'
import type { Placement } from './placement.ts'
import { surgeCount, unavailableCount } from './update-counts.ts'

interface Update {
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>
  readonly placement: (node: Node) => Placement
  readonly now: number
}

/** What to replace now, when there is one pod on each node already (daemon/update.go rollingUpdate). */
export function rollingUpdate(update: Update): Change {
  const { set, nodes, podsByNode, placement } = update
  const wanted = nodes.filter((node) => placement(node).shouldRun)
  const all = new Map(podsByNode)
  for (const { metadata } of wanted) if (!all.has(metadata.name ?? '')) all.set(metadata.name ?? '', [])
  const maxSurge = surgeCount(set, wanted.length)
  const maxUnavailable = unavailableCount(set, wanted.length)
  if (maxSurge > 0) return surge(update, all, maxSurge, wanted.length)
  // Neither of both would never come to an end.
  return replace(update, all, wanted.length > 0 ? Math.max(maxUnavailable, 1) : maxUnavailable)
}

/** Deletes old pods: those that do not work, and as many others as may be missing. */
function replace(update: Update, podsByNode: ReadonlyMap<string, readonly Pod[]>, maxUnavailable: number): Change {
  const available = availability(update)
  const broken: Pod[] = []
  const candidates: Pod[] = []
  let unavailable = 0
  for (const there of podsByNode.values()) {
    const pair = oldAndNew(update, there)
    // Unclear, or in the middle of a replacement.
    if (pair === undefined || (pair.old === undefined) === (pair.new === undefined)) unavailable++
    else if (pair.old === undefined) {
      if (!available(pair.new!)) unavailable++
    } else if (!available(pair.old)) {
      broken.push(pair.old)
      unavailable++
    } else candidates.push(pair.old)
  }
  return { create: [], remove: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] }
}

/** Makes new pods beside old ones, and deletes an old one when its successor works. */
function surge(
  update: Update,
  podsByNode: ReadonlyMap<string, readonly Pod[]>,
  maxSurge: number,
  wanted: number,
): Change {
  const available = availability(update)
  const shouldRun = new Map(
    update.nodes.map((node) => [node.metadata.name ?? '', update.placement(node).shouldRun] as const),
  )
  const remove: Pod[] = []
  const unwanted: Pod[] = []
  const urgent: string[] = []
  const candidates: string[] = []
  let surging = 0
  let working = 0
  for (const [name, there] of podsByNode) {
    const pair = oldAndNew(update, there)
    if (pair === undefined) {
      surging++
      continue
    }
    const first = pair.old ?? pair.new
    if (first !== undefined && available(first)) working++
    if (pair.old === undefined) continue
    if (pair.new !== undefined) {
      if (available(pair.new)) remove.push(pair.old)
      else surging++
    } else if (shouldRun.get(name) === true) (available(pair.old) ? candidates : urgent).push(name)
    else if (shouldRun.get(name) === false) (available(pair.old) ? unwanted : remove).push(pair.old)
  }
  // Where the daemon moves from some nodes to others, it leaves the former when it works on the latter.
  remove.push(...unwanted.slice(0, Math.max(0, working - wanted)))
  return { create: [...urgent, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove }
}

function availability({ set, now }: Update): (pod: Pod) => boolean {
  return (pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)
}

/** The old and the new pod of a node; undefined: there are several of one sort. Pods being deleted do not count. */
function oldAndNew(
  { set, hash }: Update,
  there: readonly Pod[],
): { readonly old?: Pod; readonly new?: Pod } | undefined {
  const staying = there.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const updated = staying.filter((pod) => isUpdated(set, pod, hash))
  const outdated = staying.filter((pod) => !updated.includes(pod))
  return updated.length > 1 || outdated.length > 1 ? undefined : { old: outdated[0], new: updated[0] }
}
