import type { Node, Taint } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { sameTaint } from '../nodes/taints.ts'

const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}
const unschedulableKey = 'node.kubernetes.io/unschedulable'
const ownKeys: ReadonlySet<string> = new Set([
  ...Object.values(conditionTaints).flatMap((byStatus) => Object.values(byStatus)),
  unschedulableKey,
])

export const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }
export const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }

/** The NoSchedule taints that follow from the node's conditions and from its being cordoned. */
export function noScheduleTaints({ spec, status }: Node): Taint[] {
  const keys = (status?.conditions ?? []).flatMap(
    (condition) => conditionTaints[condition.type]?.[condition.status] ?? [],
  )
  if (spec?.unschedulable) keys.push(unschedulableKey)
  return keys.map((key): Taint => ({ key, effect: 'NoSchedule' }))
}

/**
 * The node's taints as they should be: `wanted` among those that this controller sets, all others untouched. undefined
 * when nothing changes.
 */
export function withOwnTaints(node: Node, wanted: readonly Taint[], now: number): readonly Taint[] | undefined {
  const present = node.spec?.taints ?? []
  const kept = present.filter((taint) => !isOwn(taint) || wanted.some((other) => sameTaint(other, taint)))
  const timeAdded = formatTime(now)
  const added = wanted
    .filter((taint) => !present.some((other) => sameTaint(other, taint)))
    .map((taint) => ({ ...taint, timeAdded }))
  return kept.length === present.length && added.length === 0 ? undefined : [...kept, ...added]
}

function isOwn(taint: Taint): boolean {
  if (taint.effect === 'NoSchedule') return ownKeys.has(taint.key)
  return sameTaint(taint, notReady) || sameTaint(taint, unreachable)
}

/** Old names of labels follow the new ones (reconcileNodeLabels); undefined when they do. */
export function missingLabels({ metadata }: Node): Record<string, string> | undefined {
  const { labels = {} } = metadata
  const missing: Record<string, string> = {}
  for (const name of ['os', 'arch']) {
    const value = labels[`kubernetes.io/${name}`]
    if (value !== undefined && labels[`beta.kubernetes.io/${name}`] !== value) {
      missing[`beta.kubernetes.io/${name}`] = value
    }
  }
  return Object.keys(missing).length > 0 ? missing : undefined
}
