import type { Pod } from '../../api/types.generated.ts'
import { isHostNetwork } from '../pods/containers.ts'
import type { PodRuntime } from './pod-runtime.ts'

export interface SandboxChange {
  /** A new sandbox has to be made. */
  readonly needed: boolean
  /** The number of the sandbox to be made, or of the one that is kept. */
  readonly attempt: number
  /** Of the newest sandbox, when there is one that matters. */
  readonly sandboxId?: string
  /** Why, as the pod's condition says it. */
  readonly message: string
}

const messages = {
  none: 'no pod sandbox exists',
  several: 'multiple pod sandboxes are ready and need to be reconciled',
  notReady: 'pod sandbox is not ready',
  network: 'network namespace mode changed and sandbox needs to be recreated',
  noAddress: 'pod sandbox has no IP address',
} as const

/** Whether the pod's newest sandbox can hold its containers (upstream: kuberuntime/util.PodSandboxChanged). */
export function sandboxChange(pod: Pod, runtime: PodRuntime): SandboxChange {
  const newest = runtime.sandboxes[0]
  if (newest === undefined) return { needed: true, attempt: 0, message: messages.none }
  const change = (message: string, sandboxId: string | undefined = newest.id) => ({
    needed: true,
    attempt: newest.attempt + 1,
    sandboxId,
    message,
  })
  if (runtime.sandboxes.filter(({ ready }) => ready).length > 1) return change(messages.several)
  if (!newest.ready) return change(messages.notReady)
  if (newest.network !== (isHostNetwork(pod) ? 'node' : 'pod')) {
    return { ...change(messages.network), sandboxId: undefined }
  }
  if (!isHostNetwork(pod) && newest.ips.length === 0) return change(messages.noAddress)
  return { needed: false, attempt: newest.attempt, sandboxId: newest.id, message: '' }
}
