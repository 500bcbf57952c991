import { ageColumn, column, nameColumn, timeSince } from '../../../columns.ts'
import type { Column, RowCondition } from '../../../definition.ts'
import type { ContainerStatus, Pod } from '../../../types.generated.ts'
import { isRestartableInitContainer } from './aggregate-containers.ts'

/** How `kubectl get pods` shows a pod (pkg/printers/internalversion/printers.go printPod). */
export interface PodSummary {
  readonly ready: number
  readonly total: number
  /** Running, Completed, CrashLoopBackOff, Init:1/2, Terminating, … */
  readonly reason: string
  readonly restarts: number
  /** Of the last restart, as the API has it. */
  readonly lastRestart: string | undefined
}

const summaries = new WeakMap<Pod, PodSummary>()

export function podSummary(pod: Pod): PodSummary {
  let known = summaries.get(pod)
  if (known === undefined) {
    known = summarize(pod)
    if (Object.isFrozen(pod)) summaries.set(pod, known)
  }
  return known
}

type Summary = { -readonly [Member in keyof PodSummary]: PodSummary[Member] }

function summarize(pod: Pod): PodSummary {
  const { status = {}, spec } = pod
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter((one) => isRestartableInitContainer(one)).map(({ name }) => name),
  )
  const summary: Summary = {
    ready: 0,
    total: (spec?.containers ?? []).length + sidecars.size,
    reason: status.reason || status.phase || '',
    restarts: 0,
    lastRestart: undefined,
  }
  const gated = status.conditions?.find(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  if (gated !== undefined) summary.reason = 'SchedulingGated'
  const initializing = summarizeInit(pod, summary, sidecars)
  if (!initializing || status.conditions?.find(({ type }) => type === 'Initialized')?.status === 'True') {
    const own = (status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))
    countRestarts(summary, own)
    summarizeContainers(pod, summary)
  }
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') summary.reason = 'Unknown'
    else if (status.phase !== 'Failed' && status.phase !== 'Succeeded') summary.reason = 'Terminating'
  }
  return summary
}

function countRestarts(summary: Summary, statuses: readonly ContainerStatus[]): void {
  summary.restarts = 0
  summary.lastRestart = undefined
  for (const status of statuses) addRestarts(summary, status)
}

function addRestarts(summary: Summary, { restartCount = 0, lastState }: ContainerStatus): void {
  summary.restarts += restartCount
  const finished = lastState?.terminated?.finishedAt
  if (!finished) return
  if (summary.lastRestart === undefined || Date.parse(finished) > Date.parse(summary.lastRestart)) {
    summary.lastRestart = finished
  }
}

/** Whether some init container is not done. */
function summarizeInit(pod: Pod, summary: Summary, sidecars: ReadonlySet<string>): boolean {
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    addRestarts(summary, status)
    const { terminated, waiting } = status.state ?? {}
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) summary.ready++
      continue
    }
    if (terminated) summary.reason = `Init:${terminated.reason || exitReason(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${(pod.spec?.initContainers ?? []).length}`
    return true
  }
  return false
}

function exitReason({ signal, exitCode = 0 }: { signal?: number; exitCode?: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function summarizeContainers(pod: Pod, summary: Summary): void {
  let hasRunning = false
  let errorReason = ''
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    addRestarts(summary, status)
    const { terminated, waiting, running } = status.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated) {
      summary.reason = terminated.reason || exitReason(terminated)
      if (terminated.exitCode) errorReason = summary.reason
    } else if (status.ready && running) {
      hasRunning = true
      summary.ready++
    }
  }
  if (summary.reason !== 'Completed') return
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  if (hasRunning && isReady) summary.reason = 'Running'
  else if (errorReason !== '') summary.reason = errorReason
  else if (hasRunning) summary.reason = 'NotReady'
}

function restartsCell(pod: Pod, now: number): string {
  const { restarts, lastRestart } = podSummary(pod)
  return restarts > 0 && lastRestart !== undefined ? `${restarts} (${timeSince(lastRestart, now)} ago)` : `${restarts}`
}

function readinessGatesCell({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const isTrue = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)?.status === 'True'
  return `${gates.filter(({ conditionType }) => isTrue(conditionType)).length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', 'string', (pod) => `${podSummary(pod).ready}/${podSummary(pod).total}`, {
    description: 'Containers that are ready, of all that should be.',
  }),
  column('Status', 'string', (pod) => podSummary(pod).reason, { description: 'What the containers are doing in all.' }),
  column('Restarts', 'string', restartsCell, {
    description: 'How often the containers were started again, and when last.',
  }),
  ageColumn,
  column('IP', 'string', ({ status }) => status?.podIPs?.[0]?.ip || '<none>', { wide: true }),
  column('Node', 'string', ({ spec }) => spec?.nodeName || '<none>', { wide: true }),
  column('Nominated Node', 'string', ({ status }) => status?.nominatedNodeName || '<none>', { wide: true }),
  column('Readiness Gates', 'string', readinessGatesCell, { wide: true }),
]

export function podRowConditions({ status }: Pod): readonly RowCondition[] {
  if (status?.phase === 'Succeeded') {
    return [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }]
  }
  return status?.phase === 'Failed'
    ? [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }]
    : []
}
