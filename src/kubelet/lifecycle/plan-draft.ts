/** Why a container is killed, for the choice of its grace period. */
export type KillReason = 'startupProbe' | 'livenessProbe' | 'other'

/** What the parts of the plan gather before they are put in order. */
export interface PlanDraft {
  killPod: boolean
  readonly kill: { id: string; name: string; message: string; reason: KillReason }[]
  readonly startInit: number[]
  readonly startApp: number[]
  readonly resize: string[]
}
