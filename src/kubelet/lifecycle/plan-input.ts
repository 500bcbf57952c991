import type { Container, Pod } from '../../api/types.generated.ts'
import type { BackOff } from './back-off.ts'
import type { ObservedContainer, PodRuntime } from './pod-runtime.ts'

export type ProbeResult = 'success' | 'failure'
/** What a wish for other resources means for a running container. */
export type ResizeDecision = 'keep' | 'update' | 'restart'

export interface PlanInput {
  readonly pod: Pod
  readonly runtime: PodRuntime
  /** All containers are to be removed and started anew. */
  readonly restartAll: boolean
  /** The newest result for a container id; undefined: not probed yet. */
  readonly liveness: (containerId: string) => ProbeResult | undefined
  readonly startup: (containerId: string) => ProbeResult | undefined
  readonly resize: (container: Container, observed: ObservedContainer) => ResizeDecision
  readonly backOff: Pick<BackOff, 'waitUntil' | 'delayMs'>
}
