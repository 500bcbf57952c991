import type { PodCondition, PodStatus } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { isTerminalPhase } from '../pods/containers.ts'
import { kubeletConditions } from './conditions.ts'

/**
 * What is to be told to the API: the kubelet's parts over those of others (upstream: mergePodStatus). A final phase
 * waits until no container can be running any more, for others use it as the sign that resources are free.
 */
export function mergeStatus(api: PodStatus, own: PodStatus, mayHaveRunning: boolean): PodStatus {
  const finishing = !terminal(api) && terminal(own)
  const conditions = (api.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type))
  for (const condition of own.conditions ?? []) {
    if (kubeletConditions.has(condition.type)) conditions.push(condition)
    else if (condition.type === 'DisruptionTarget' && finishing && !mayHaveRunning) {
      const at = conditions.findIndex(({ type }) => type === condition.type)
      if (at < 0) conditions.push(condition)
      else conditions[at] = condition
    }
  }
  const {
    resourceClaimStatuses,
    extendedResourceClaimStatus,
    nodeAllocatableResourceClaimStatuses,
    nominatedNodeName,
  } = api
  let merged: PodStatus = {
    ...own,
    conditions,
    resourceClaimStatuses,
    extendedResourceClaimStatus,
    nodeAllocatableResourceClaimStatuses,
    nominatedNodeName,
  }
  if (finishing && mayHaveRunning) {
    merged = { ...merged, phase: api.phase, reason: api.reason, message: api.message }
  }
  return terminal(merged) ? { ...merged, conditions: merged.conditions?.map((one) => notReady(one, merged)) } : merged
}

const terminal = (status: PodStatus) => isTerminalPhase(status.phase)

/** A pod that is over is not ready, whatever its last probe said. */
function notReady(condition: PodCondition, { phase }: PodStatus): PodCondition {
  if ((condition.type !== 'Ready' && condition.type !== 'ContainersReady') || condition.status !== 'True')
    return condition
  return { ...condition, status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
}

/** Lists that a strategic merge patch merges by this key; all others it replaces. */
const mergeKeys: Readonly<Record<string, string>> = { conditions: 'type', hostIPs: 'ip', podIPs: 'ip' }

/** A strategic merge patch from one status to another, or undefined when they are equal. Changes by others survive it. */
export function statusPatch(uid: string, from: PodStatus, to: PodStatus): object | undefined {
  const status: Record<string, unknown> = {}
  const before = from as Readonly<Record<string, unknown>>
  const after = to as Readonly<Record<string, unknown>>
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (jsonEqual(before[field], after[field])) continue
    const key = mergeKeys[field]
    if (after[field] === undefined) status[field] = null
    else if (key === undefined) status[field] = after[field]
    else status[field] = listPatch(key, before[field] ?? [], after[field])
  }
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status }
}

type Items = readonly Readonly<Record<string, unknown>>[]

function listPatch(key: string, before: unknown, after: unknown): unknown[] {
  const old = (before as Items).map(withoutNulls)
  const changed = (after as Items).filter(
    (item) =>
      !jsonEqual(
        item,
        old.find((one) => one[key] === item[key]),
      ),
  )
  const gone = old.filter((item) => !(after as Items).some((one) => one[key] === item[key]))
  return [
    // Fields that a condition has no longer are removed with a null.
    ...changed.map((item) => ({
      ...cleared(
        old.find((one) => one[key] === item[key]),
        item,
      ),
      ...item,
    })),
    ...gone.map((item) => ({ $patch: 'delete', [key]: item[key] })),
  ]
}

/** An object of Go has null for a time that is not set. */
function withoutNulls(item: Items[number]): Items[number] {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null))
}

function cleared(before: Readonly<Record<string, unknown>> | undefined, after: Readonly<Record<string, unknown>>) {
  const fields = Object.keys(before ?? {}).filter((field) => after[field] === undefined)
  return Object.fromEntries(fields.map((field) => [field, null]))
}
