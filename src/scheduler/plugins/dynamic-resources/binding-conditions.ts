import type { DeviceRequestAllocationResult, ResourceClaim } from '../../../api/types.generated.ts'

/** Some devices are ready only when their driver says so, in conditions of the claim's status (KEP-5007). */

const resultsOf = ({ status }: ResourceClaim): readonly DeviceRequestAllocationResult[] =>
  status?.allocation?.devices?.results ?? []

export function hasBindingConditions(claim: ResourceClaim): boolean {
  return resultsOf(claim).some(({ bindingConditions = [] }) => bindingConditions.length > 0)
}

/** `failed`: what went wrong with a device, in upstream's words. */
export function bindingState(claim: ResourceClaim): 'ready' | 'waiting' | { readonly failed: string } {
  if (claim.status?.allocation === undefined) return 'waiting'
  for (const { bindingConditions = [], bindingFailureConditions = [], driver, pool, device } of resultsOf(claim)) {
    if (bindingConditions.length === 0) continue
    const told = claim.status.devices?.find(
      (each) => each.driver === driver && each.pool === pool && each.device === device,
    )
    if (told === undefined) return 'waiting'
    const isTrue = (type: string) => told.conditions?.find((each) => each.type === type && each.status === 'True')
    for (const type of bindingFailureConditions) {
      const { reason = '', message = '' } = isTrue(type) ?? {}
      if (isTrue(type) === undefined) continue
      const what = `claim=${claim.metadata.name}, reason=${reason}, message=${JSON.stringify(message)}`
      return { failed: `device binding failed: ${what}` }
    }
    if (!bindingConditions.every(isTrue)) return 'waiting'
  }
  return 'ready'
}

/** Whether devices had long enough to become ready. `now`: epoch milliseconds. */
export function isBindingOverdue(claim: ResourceClaim, now: number, timeoutMs: number): boolean {
  const since = claim.status?.allocation?.allocationTimestamp
  return since !== undefined && hasBindingConditions(claim) && Date.parse(since) + timeoutMs < now
}
