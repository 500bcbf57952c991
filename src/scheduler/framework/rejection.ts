/**
 * Why a plugin does not let a pod onto a node (kube-scheduler framework Status):
 * - `unschedulable`: taking pods away from the node could help;
 * - `unresolvable`: it could not;
 * - `pending`: the pod waits for something outside, and is tried at once when that comes.
 */
export interface Rejection {
  readonly code: 'unschedulable' | 'unresolvable' | 'pending'
  readonly plugin: string
  readonly reasons: readonly string[]
}

export function unschedulable(plugin: string, ...reasons: string[]): Rejection {
  return { code: 'unschedulable', plugin, reasons }
}
export function unresolvable(plugin: string, ...reasons: string[]): Rejection {
  return { code: 'unresolvable', plugin, reasons }
}

export function messageOf(rejection: Rejection): string {
  return rejection.reasons.join(', ')
}
