import type { DaemonSet } from '../../api/types.generated.ts'
import { scaledValue } from '../../machinery/int-or-percent.ts'

/** How many more pods than nodes there may be while updating; 0 unless the set asks for it. */
export function surgeCount({ spec }: DaemonSet, nodes: number): number {
  const { type, rollingUpdate } = spec.updateStrategy ?? {}
  return type === 'RollingUpdate' ? scaledValue(rollingUpdate?.maxSurge, nodes, 'up') : 0
}

/** On how many of the nodes the daemon may be missing while updating. */
export function unavailableCount({ spec }: DaemonSet, nodes: number): number {
  const { type, rollingUpdate } = spec.updateStrategy ?? {}
  return type === 'RollingUpdate' ? scaledValue(rollingUpdate?.maxUnavailable, nodes, 'up') : 0
}
