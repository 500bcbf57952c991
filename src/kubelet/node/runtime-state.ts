import type { Clock } from '../../machinery/clock.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { RuntimeCondition, RuntimeHandler, RuntimeStatus } from '../runtimes/types.ts'

/** Whether the runtime and its network work, as last asked (upstream: pkg/kubelet/runtime.go). */
export interface RuntimeState {
  /** Asks the runtime. Never throws. */
  ask(): Promise<void>
  /** Why containers cannot be run at all. */
  runtimeError(): string | undefined
  /** Why pods cannot have a network. */
  networkError(): string | undefined
  handlers(): readonly RuntimeHandler[]
  features(): RuntimeStatus['features']
  version(): string
}

/** The runtime counts as down when it has not answered for so long. */
const silentMs = 30_000

export function createRuntimeState({ runtime, clock }: { runtime: Runtime; clock: Clock }): RuntimeState {
  let answeredAt: number | undefined
  let status: RuntimeStatus = { conditions: [], handlers: [] }
  let version = 'Unknown'

  const failing = (type: RuntimeCondition['type'], subject: string) => {
    const condition = status.conditions.find((one) => one.type === type)
    if (condition?.status === true) return undefined
    const text =
      condition === undefined
        ? '<nil>'
        : `${condition.type}=${condition.status} reason:${condition.reason} message:${condition.message}`
    return `${subject} not ready: ${text}`
  }

  return {
    async ask() {
      try {
        status = await runtime.status()
        if (version === 'Unknown') version = (await runtime.version()).runtimeVersion
        if (failing('RuntimeReady', '') === undefined) answeredAt = clock.now()
      } catch {
        // Its silence is what runtimeError tells after a while.
      }
    },
    runtimeError() {
      if (answeredAt === undefined) return 'container runtime status check may not have completed yet'
      if (clock.now() - answeredAt > silentMs) return 'container runtime is down'
      return failing('RuntimeReady', 'container runtime')
    },
    networkError: () => failing('NetworkReady', 'container runtime network'),
    handlers: () => status.handlers,
    features: () => status.features,
    version: () => version,
  }
}
