import type { Pod, ResourceClaim } from '../../../api/types.generated.ts'

type NamedClaim = { readonly name: string; readonly ownedByPod: boolean }

/** The claims of a pod; a text: why they are not there yet (foreachPodResourceClaim). */
export function claimsOfPod(pod: Pod, find: (key: string) => ResourceClaim | undefined): ResourceClaim[] | string {
  const found: ResourceClaim[] = []
  for (const named of claimNames(pod)) {
    if (typeof named === 'string') return named
    const key = `${pod.metadata.namespace}/${named.name}`
    const claim = find(key)
    if (claim === undefined) return `could not find ResourceClaim "${key}"`
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${named.name}" is being deleted`
    if (named.ownedByPod && !isOwnedBy(claim, pod))
      return `ResourceClaim ${key} was not created for Pod ${pod.metadata.namespace}/${pod.metadata.name} (Pod is not owner)`
    found.push(claim)
  }
  return found
}

export function isOwnedBy({ metadata }: ResourceClaim, pod: Pod): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid, controller }) => controller && uid === pod.metadata.uid)
}

/** By name; a text: what stands in the way. One that no claim was made for is left out. */
function claimNames(pod: Pod): readonly (NamedClaim | string)[] {
  return (pod.spec?.resourceClaims ?? []).flatMap((claim): (NamedClaim | string)[] => {
    if (claim.resourceClaimName !== undefined) return [{ name: claim.resourceClaimName, ownedByPod: false }]
    const made = pod.status?.resourceClaimStatuses?.find((one) => one.name === claim.name)
    if (made === undefined)
      return [`pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet`]
    return made.resourceClaimName === undefined ? [] : [{ name: made.resourceClaimName, ownedByPod: true }]
  })
}
