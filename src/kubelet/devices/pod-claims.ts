import type { Container, Pod, ResourceClaim } from '../../api/types.generated.ts'

/** A claim that a pod uses by name. */
export interface UsedClaim {
  readonly name: string
  /** It was made for the pod: another one of the same name will not do. */
  readonly isOwn: boolean
  /** As the pod calls it; undefined: it stands for the pod's extended resources. */
  readonly podClaim: string | undefined
}

/** Throws while a claim has not been made yet. */
export function claimsOf({ metadata, spec, status }: Pod): readonly UsedClaim[] {
  const named = (spec.resourceClaims ?? []).flatMap((claim): UsedClaim[] => {
    if (claim.resourceClaimName !== undefined)
      return [{ name: claim.resourceClaimName, isOwn: false, podClaim: claim.name }]
    const made = status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)
    if (made === undefined)
      throw new Error(`pod "${metadata.namespace}/${metadata.name}": ResourceClaim not created yet`)
    return made.resourceClaimName === undefined
      ? []
      : [{ name: made.resourceClaimName, isOwn: true, podClaim: claim.name }]
  })
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName
  return extended === undefined ? named : [...named, { name: extended, isOwn: false, podClaim: undefined }]
}

/** Throws where the pod may not use the claim. */
export function checkUse(pod: Pod, claim: ResourceClaim, { name, isOwn }: UsedClaim): void {
  const { uid, namespace, name: podName } = pod.metadata
  if (isOwn && !claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid)) {
    const what = `ResourceClaim ${namespace}/${name} was not created for Pod ${namespace}/${podName}`
    throw new Error(`${what} (Pod is not owner)`)
  }
  if (!claim.status?.reservedFor?.some((consumer) => consumer.uid === uid))
    throw new Error(`pod ${podName} (${uid}) is not allowed to use ResourceClaim ${name} (${claim.metadata.uid})`)
  if (claim.status.allocation === undefined) throw new Error(`ResourceClaim ${name}: not allocated`)
}

/** The requests of a claim that a container uses; '': all of them. */
export function requestsOf(pod: Pod, container: Container, { podClaim }: UsedClaim): readonly string[] {
  if (podClaim !== undefined)
    return (container.resources?.claims ?? [])
      .filter(({ name }) => name === podClaim)
      .map(({ request }) => request ?? '')
  const asked = container.resources?.requests ?? {}
  return (pod.status?.extendedResourceClaimStatus?.requestMappings ?? [])
    .filter(({ containerName, resourceName }) => containerName === container.name && Object.hasOwn(asked, resourceName))
    .map(({ requestName }) => requestName)
}
