import type { Container, Pod } from '../../api/types.generated.ts'
import { sleep } from '../../machinery/clock.ts'
import { runHook } from '../hooks/run-hook.ts'
import type { KillReason } from '../lifecycle/plan-draft.ts'
import type { ObservedContainer } from '../lifecycle/pod-runtime.ts'
import type { DeclaredContainer } from '../pods/containers.ts'
import { type ExecutionContext, tellAbout } from './context.ts'

/** A container always gets this long to end by itself, whatever was asked for. */
const minimumGraceSeconds = 2

export interface KillRequest {
  readonly pod: Pod
  readonly declared: DeclaredContainer
  readonly container: Pick<ObservedContainer, 'id'>
  readonly podIP: string
  /** For the event; absent: that it is stopped. */
  readonly message?: string
  readonly reason?: KillReason
  /** Instead of what the pod says. */
  readonly graceSeconds?: number
  /** It is being ended already: neither its hook nor the event once more. */
  readonly again?: boolean
  /** Resolves when it is this container's turn to end. */
  readonly turn?: Promise<unknown>
  readonly signal?: AbortSignal
}

/** preStop hook, stop signal, and after the grace period the end (upstream: killContainer). */
export async function killContainer(context: ExecutionContext, request: KillRequest): Promise<void> {
  const { pod, declared, container, podIP } = request
  const { name, lifecycle } = declared.container
  const tell = tellAbout(context, pod, declared)
  if (request.again !== true) tell('Normal', 'Killing', request.message ?? `Stopping container ${name}`)
  const grace = request.graceSeconds ?? gracePeriod(pod, declared.container, request.reason ?? 'other')
  const started = context.clock.monotonic()
  const remaining = () => grace - Math.floor((context.clock.monotonic() - started) / 1000)

  if (lifecycle?.preStop !== undefined && grace > 0 && request.again !== true) {
    const target = { pod, container: declared.container, containerId: container.id, podIP }
    await withinSeconds(context, remaining(), request.signal, async (signal) => {
      try {
        await runHook(context, target, lifecycle.preStop!, signal)
      } catch (error) {
        if (signal.aborted) return
        context.log.warn('preStop hook failed', { pod: pod.metadata.name, container: name, error })
        // Its output may hold secrets: the event does not repeat it.
        tell('Warning', 'FailedPreStopHook', 'PreStopHook failed')
      }
    })
  }
  if (request.turn !== undefined && remaining() > 0) {
    const { turn } = request
    await withinSeconds(context, remaining(), request.signal, () => turn)
  }
  await context.runtime.stopContainer(container.id, Math.max(remaining(), minimumGraceSeconds))
}

function gracePeriod(pod: Pod, container: Container, reason: KillReason): number {
  if (pod.metadata.deletionGracePeriodSeconds != null) return pod.metadata.deletionGracePeriodSeconds
  const whole = pod.spec.terminationGracePeriodSeconds
  if (whole === undefined) return minimumGraceSeconds
  const probe =
    reason === 'livenessProbe'
      ? container.livenessProbe
      : reason === 'startupProbe'
        ? container.startupProbe
        : undefined
  return probe?.terminationGracePeriodSeconds ?? whole
}

/** Waits for the work, but no longer than that; the work's signal then aborts. */
async function withinSeconds(
  context: ExecutionContext,
  seconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const end = new AbortController()
  const signal = outer === undefined ? end.signal : AbortSignal.any([end.signal, outer])
  const limit = sleep(context.clock, seconds * 1000, signal).catch(() => {})
  await Promise.race([work(signal), limit])
  end.abort()
}
