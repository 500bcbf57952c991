import type { Container, ContainerStatus, ResourceRequirements } from '../../api/types.generated.ts'
import type { ObservedContainer } from '../lifecycle/pod-runtime.ts'
import { milliOfQuota, milliOfShares } from '../resources/cgroup-values.ts'
import { bytesQuantity, cpuQuantity, millis, units } from '../resources/quantity.ts'

const minShares = 2
const minLimitMilli = 10

/**
 * The resources that a container has in fact: what the runtime says, in the places where its declaration names
 * something (upstream: convertContainerStatusResources).
 */
export function reportedResources(
  container: Container,
  observed: ObservedContainer,
  old: ContainerStatus | undefined,
): ResourceRequirements {
  const declared = container.resources ?? {}
  // Runtimes before CRI v1.26 do not tell: then what was allotted is what it has.
  if (observed.state !== 'running' || observed.resources === undefined) return declared
  const before = old?.state?.running !== undefined && old.containerID?.endsWith(observed.id) ? old.resources : undefined
  const { cpuPeriod = 0, cpuQuota = 0, cpuShares = 0, memoryLimitBytes = 0 } = observed.resources
  const cpuLimit = cpuPeriod > 0 && cpuQuota > 0 ? milliOfQuota(cpuQuota, cpuPeriod) : 0
  const cpuRequest = cpuShares >= minShares ? milliOfShares(cpuShares) : 0

  const limits = declared.limits && { ...declared.limits }
  if (limits !== undefined) {
    set(limits, 'cpu', cpuLimit, minLimitMilli, before?.limits)
    if (memoryLimitBytes > 0) setText(limits, 'memory', bytesQuantity(memoryLimitBytes), units)
    else keep(limits, 'memory', before?.limits)
  }
  const requests = declared.requests && { ...declared.requests }
  if (requests !== undefined) {
    set(requests, 'cpu', cpuRequest, minShares, before?.requests)
    // No runtime tells what memory was asked for: what was declared is what it has.
  }
  return { ...declared, ...(limits && { limits }), ...(requests && { requests }) }
}

type List = Record<string, string>

function set(list: List, name: string, milli: number, least: number, before: Readonly<List> | undefined): void {
  if (milli === 0) return keep(list, name, before)
  // Amounts below what a cgroup can express are shown as they were declared.
  if (milli > least || millis(list[name]) > least) setText(list, name, cpuQuantity(milli), millis)
}

/** Keeps the declared spelling of an equal amount. */
function setText(list: List, name: string, text: string, amount: (text: string | undefined) => number): void {
  if (list[name] === undefined || amount(list[name]) !== amount(text)) list[name] = text
}

function keep(list: List, name: string, before: Readonly<List> | undefined): void {
  if (before?.[name] !== undefined) list[name] = before[name]
}
