import type { Node, NodeCondition, Taint } from '../../api/types.generated.ts'

/** Which condition in which state becomes which taint (pkg/controller/nodelifecycle/node_lifecycle_controller.go). */
const taintsOfConditions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}
const unschedulable = 'node.kubernetes.io/unschedulable'
const ownNoSchedule: ReadonlySet<string> = new Set([
  ...Object.values(taintsOfConditions).flatMap((states) => Object.values(states)),
  unschedulable,
])
const ownNoExecute: ReadonlySet<string> = new Set(Object.values(taintsOfConditions['Ready']!))

export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type)
}

/**
 * The taints that a node should have: those of others as they are, and those that its conditions call for. The same list:
 * nothing changes. `now`: RFC 3339, for taints that count from when they were added.
 */
export function wantedTaints(node: Node, now: string): readonly Taint[] {
  const present = node.spec.taints ?? []
  const noSchedule = new Set<string>()
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = taintsOfConditions[type]?.[status]
    if (key !== undefined) noSchedule.add(key)
  }
  if (node.spec.unschedulable) noSchedule.add(unschedulable)
  const ready = nodeCondition(node, 'Ready')?.status
  const noExecute = ready === undefined || ready === 'True' ? undefined : taintsOfConditions['Ready']![ready]
  const wanted = (taint: Taint) => {
    if (taint.effect === 'NoSchedule' && ownNoSchedule.has(taint.key)) return noSchedule.has(taint.key)
    if (taint.effect === 'NoExecute' && ownNoExecute.has(taint.key)) return taint.key === noExecute
    return true
  }
  const has = (key: string, effect: string) => present.some((taint) => taint.key === key && taint.effect === effect)
  const kept = present.filter(wanted)
  const added: Taint[] = [...noSchedule]
    .filter((key) => !has(key, 'NoSchedule'))
    .map((key) => ({ key, effect: 'NoSchedule', timeAdded: now }))
  if (noExecute !== undefined && !has(noExecute, 'NoExecute'))
    added.push({ key: noExecute, effect: 'NoExecute', timeAdded: now })
  return kept.length === present.length && added.length === 0 ? present : [...kept, ...added]
}

/** The beta labels follow the stable ones. The same labels: nothing changes. */
export function wantedLabels(labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const changed: Record<string, string> = {}
  for (const name of ['os', 'arch']) {
    const value = labels[`kubernetes.io/${name}`]
    if (value !== undefined && labels[`beta.kubernetes.io/${name}`] !== value)
      changed[`beta.kubernetes.io/${name}`] = value
  }
  return Object.keys(changed).length === 0 ? labels : { ...labels, ...changed }
}

const keptByKubelet = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/** The conditions of a node whose kubelet has been silent for too long. The same list: all is said already. */
export function silentConditions(node: Node, now: string): readonly NodeCondition[] {
  const present = node.status?.conditions ?? []
  let changed = false
  const conditions = present.map((condition): NodeCondition => {
    if (!(keptByKubelet as readonly string[]).includes(condition.type) || condition.status === 'Unknown')
      return condition
    changed = true
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: now,
    }
  })
  for (const type of keptByKubelet) {
    if (present.some((condition) => condition.type === type)) continue
    changed = true
    conditions.push({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
      lastTransitionTime: now,
    })
  }
  return changed ? conditions : present
}
