import type { Container, Pod } from '../../api/types.generated.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'
import { containerHash } from './container-hash.ts'
import type { PlanDraft } from './plan-draft.ts'
import type { PlanInput } from './plan-input.ts'
import { activeContainer, anyActiveRegularStarted, type ObservedContainer, type PodRuntime } from './pod-runtime.ts'
import { restartsWhenKilled, shouldStart } from './restart-rules.ts'

/**
 * Adds what the init containers need to the draft and answers whether the pod is initialized (upstream:
 * computeInitContainerActions). It goes from the last one to the first, since ended init containers may be gone from
 * the runtime: what is known of the last one tells the most.
 */
export function planInitContainers(input: PlanInput, draft: PlanDraft): boolean {
  const { pod, runtime } = input
  const containers = initContainers(pod)
  if (containers.length === 0) return true
  let initialized = anyActiveRegularStarted(pod, runtime)
  let previous = initialized
  const start: number[] = []

  for (let index = containers.length - 1; index >= 0; index--) {
    const container = containers[index]!
    const observed = activeContainer(runtime, container.name)
    if (observed === undefined) {
      if (previous && isSidecar(container)) start.push(index)
      continue
    }
    if (previous && !isSidecar(container)) continue
    const progress = isSidecar(container)
      ? planSidecar(input, draft, container, observed)
      : planInit(pod, runtime, container, observed, input, draft)
    if (progress.failed) {
      draft.killPod = true
      return false
    }
    if (progress.done) {
      if (index === containers.length - 1) initialized = true
      else if (!isSidecar(container) || !previous) start.push(index + 1)
    }
    if (progress.start) start.push(index)
    previous = true
  }
  if (!previous) start.push(0)
  draft.startInit.push(...[...new Set(start)].reverse())
  return initialized
}

interface Progress {
  /** The next one may start. */
  readonly done?: boolean
  readonly start?: boolean
  /** It ended badly and never runs again: the pod has failed. */
  readonly failed?: boolean
}

function planSidecar(input: PlanInput, draft: PlanDraft, container: Container, observed: ObservedContainer): Progress {
  const { id } = observed
  const { name } = container
  const kill = (message: string, reason: 'startupProbe' | 'livenessProbe' | 'other') =>
    draft.kill.push({ id, name, message, reason })
  switch (observed.state) {
    case 'created':
    case 'exited':
      return { start: true }
    case 'unknown':
      kill('Init container is in "unknown" state, try killing it before restart', 'other')
      return { start: true }
    case 'running': {
      if (container.startupProbe !== undefined) {
        const startup = input.startup(id)
        if (startup === 'failure') {
          kill(`Init container ${name} failed startup probe`, 'startupProbe')
          return { start: true }
        }
        if (startup === undefined) return {}
      }
      if (observed.hash !== containerHash(container)) {
        kill(`Init container ${name} definition changed`, 'other')
        return { done: true, start: true }
      }
      if (container.livenessProbe !== undefined) {
        const liveness = input.liveness(id)
        if (liveness === 'failure') {
          kill(`Init container ${name} failed liveness probe`, 'livenessProbe')
          return { done: true, start: true }
        }
        if (liveness === undefined) return { done: true }
      }
      const decision = input.resize(container, observed)
      if (decision === 'restart') kill(`Container ${name} resize requires restart`, 'other')
      if (decision === 'update') draft.resize.push(name)
      return { done: true, start: decision === 'restart' }
    }
  }
}

function planInit(
  pod: Pod,
  runtime: PodRuntime,
  container: Container,
  observed: ObservedContainer,
  input: PlanInput,
  draft: PlanDraft,
): Progress {
  switch (observed.state) {
    case 'created':
      // It was made and could not be started: try again.
      return { start: true }
    case 'running':
      if (input.resize(container, observed) === 'update') draft.resize.push(container.name)
      return {}
    case 'exited':
      // Killed for want of memory is a failure whatever the exit code says.
      if (observed.exitCode === 0 && observed.reason !== 'OOMKilled') return { done: true }
      return shouldStart(pod, container, runtime) ? { start: true } : { failed: true }
    case 'unknown':
      if (!restartsWhenKilled(pod, container)) return { failed: true }
      draft.kill.push({
        id: observed.id,
        name: container.name,
        message: 'Init container is in "unknown" state, try killing it before restart',
        reason: 'other',
      })
      return { start: true }
  }
}
