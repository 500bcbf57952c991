import type { ContainerStatus, Pod, PodCondition } from '../../api/types.generated.ts'
import type { PodRuntime } from '../lifecycle/pod-runtime.ts'
import { allContainersGone, mayRestartAll } from '../lifecycle/restart-rules.ts'
import { sandboxChange } from '../lifecycle/sandbox-changed.ts'
import { initContainers, isSidecar, sidecars } from '../pods/containers.ts'
import type { Phase } from './phase.ts'

/** Conditions that the kubelet alone writes (upstream: pkg/kubelet/types/pod_status.go). */
export const kubeletConditions: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodResizeInProgress',
  'PodResizePending',
  'PodReadyToStartContainers',
  'AllContainersRestarting',
])

export type Condition = { -readonly [Field in keyof PodCondition]: PodCondition[Field] }

export interface ConditionsInput {
  readonly pod: Pod
  readonly runtime: PodRuntime
  readonly phase: Phase
  readonly containers: readonly ContainerStatus[]
  readonly initContainers: readonly ContainerStatus[]
  /** Of the status before. */
  readonly old: readonly PodCondition[]
  readonly restartingAll: boolean
  /** Of resizing, as the allocation has them. */
  readonly resize: readonly PodCondition[]
}

/** All conditions but their transition times (upstream: pkg/kubelet/status/generate.go). */
export function podConditions(input: ConditionsInput): Condition[] {
  const { pod, phase } = input
  const observedGeneration = pod.metadata.generation
  const condition = (type: string, status: boolean, reason?: string, message?: string): Condition => ({
    type,
    ...(observedGeneration !== undefined && { observedGeneration }),
    status: status ? 'True' : 'False',
    ...(reason && { reason }),
    ...(message && { message }),
  })
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type))
  const conditions: Condition[] = [...foreign, ...input.resize]
  const disruption = input.old.find(({ type }) => type === 'DisruptionTarget')
  if (disruption !== undefined) {
    const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget')
    if (at < 0) conditions.push(disruption)
    else conditions[at] = disruption
  }
  const change = sandboxChange(pod, input.runtime)
  conditions.push(
    change.needed
      ? condition('PodReadyToStartContainers', false, 'PodSandboxNotReady', change.message)
      : condition('PodReadyToStartContainers', true),
  )
  const initialized = initializedState(input)
  conditions.push(condition('Initialized', initialized.status, initialized.reason, initialized.message))
  const ready = containersReady(pod, [...input.initContainers, ...input.containers], phase)
  const gates = ready.status ? readinessGates(pod, conditions) : ready
  conditions.push(condition('Ready', gates.status, gates.reason, gates.message))
  conditions.push(condition('ContainersReady', ready.status, ready.reason, ready.message))
  conditions.push(condition('PodScheduled', true))
  if (mayRestartAll(pod)) conditions.push(restartingCondition(input))
  return conditions
}

interface State {
  readonly status: boolean
  readonly reason?: string
  readonly message?: string
}
const yes: State = { status: true }
const no = (reason: string, message?: string): State => ({ status: false, reason, message })
const names = (list: readonly string[]) => `[${list.join(' ')}]`

export function containersReady(pod: Pod, statuses: readonly ContainerStatus[], phase: Phase): State {
  const unknown: string[] = []
  const unready: string[] = []
  for (const { name } of [...sidecars(pod), ...pod.spec.containers]) {
    const status = statuses.find((one) => one.name === name)
    if (status === undefined) unknown.push(name)
    else if (!status.ready) unready.push(name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: ${names(unknown)}`)
  if (unready.length > 0) messages.push(`containers with unready status: ${names(unready)}`)
  return messages.length > 0 ? no('ContainersNotReady', messages.join(', ')) : yes
}

export function readinessGates(pod: Pod, conditions: readonly PodCondition[]): State {
  const messages: string[] = []
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = conditions.find(({ type }) => type === conditionType)
    const quoted = JSON.stringify(conditionType)
    if (found === undefined) {
      messages.push(`corresponding condition of pod readiness gate ${quoted} does not exist.`)
    } else if (found.status !== 'True') {
      messages.push(`the status of pod readiness gate ${quoted} is not "True", but ${found.status}`)
    }
  }
  return messages.length > 0 ? no('ReadinessGatesNotReady', messages.join(', ')) : yes
}

function initializedState({ pod, phase, containers, initContainers: statuses, old }: ConditionsInput): State {
  const unknown: string[] = []
  const incomplete: string[] = []
  for (const container of initContainers(pod)) {
    const status = statuses.find(({ name }) => name === container.name)
    if (status === undefined) unknown.push(container.name)
    else if (isSidecar(container) ? status.started !== true : !status.ready) incomplete.push(container.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: true, reason: 'PodCompleted' }
  if (containers.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined)) return yes
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: ${names(unknown)}`)
  if (incomplete.length > 0) messages.push(`containers with incomplete status: ${names(incomplete)}`)
  if (messages.length === 0) return yes
  // Once initialized, a pod stays so while its containers all start anew.
  if (old.some(({ type, status }) => type === 'Initialized' && status === 'True')) return yes
  return no('ContainersNotInitialized', messages.join(', '))
}

function restartingCondition({ pod, runtime, phase, restartingAll }: ConditionsInput): Condition {
  const type = 'AllContainersRestarting'
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  if (!restartingAll || allContainersGone(pod, runtime)) return { type, status: 'False' }
  const message = 'container exited with restart policy rule'
  return { type, status: 'True', reason: 'RestartAllContainersStarted', message }
}
