import { type ClaimState, isUnallocated, type NodeAllocation } from './pod-state.ts'

/** FirstAvailableDeviceRequestMaxSize */
const mostAlternatives = 8

/** The earlier the alternatives that the claims get, the better (KEP-4816, computeScore). */
export function allocationScore(claims: readonly ClaimState[], { results }: NodeAllocation): number {
  let next = 0
  let score = 0
  for (const state of claims) {
    const { claim } = state
    const allocation = isUnallocated(state) ? results[next++] : claim.status?.allocation
    const chosen = new Set(allocation?.devices?.results?.map(({ request }) => request))
    for (const { name, exactly, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
      if (exactly !== undefined) continue
      for (const [index, alternative] of firstAvailable.entries())
        if (chosen.has(`${name}/${alternative.name}`)) score += mostAlternatives - index
    }
  }
  return score
}
