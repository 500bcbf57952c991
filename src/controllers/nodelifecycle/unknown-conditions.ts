import type { Node, NodeCondition } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'

/** What a kubelet that is not heard of leaves in doubt. The network is others' business. */
const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** The conditions of a node that has been silent for too long (tryUpdateNodeHealth). */
export function unknownConditions({ metadata, status }: Node, now: number): readonly NodeCondition[] {
  const conditions = [...(status?.conditions ?? [])]
  const lastTransitionTime = formatTime(now)
  for (const type of types) {
    const at = conditions.findIndex((condition) => condition.type === type)
    const present = conditions[at]
    if (present === undefined) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: metadata.creationTimestamp ?? undefined,
        lastTransitionTime,
      })
    } else if (present.status !== 'Unknown') {
      const message = 'Kubelet stopped posting node status.'
      conditions[at] = { ...present, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime }
    }
  }
  return conditions
}
