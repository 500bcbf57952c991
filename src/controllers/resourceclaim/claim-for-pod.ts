import type { Pod, ResourceClaim, ResourceClaimTemplate } from '../../api/types.generated.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { isPodTerminal } from '../pods/pod-state.ts'

/** On a claim that was made of a template: which of the pod's claims it is. */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name'
/** Keeps a claim while it is allocated. */
export const allocatedFinalizer = 'resource.kubernetes.io/delete-protection'
/** Room for a hyphen and five random characters in a name of 63. */
const longestBase = 57

export type PodClaim = NonNullable<NonNullable<Pod['spec']>['resourceClaims']>[number]

/** The name of a pod's claim; `null`: none is needed; undefined: none has been made yet (resourceclaim.Name). */
export function claimNameOf(pod: Pod, claim: PodClaim): string | null | undefined {
  if (claim.resourceClaimName !== undefined) return claim.resourceClaimName
  const made = pod.status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)
  return made === undefined ? undefined : (made.resourceClaimName ?? null)
}

/** The claim that a pod gets of a template: owned by it, named after both. */
export function claimOfTemplate(pod: Pod, claim: PodClaim, template: ResourceClaimTemplate): ResourceClaim {
  const { name = '', namespace, uid = '' } = pod.metadata
  const { labels, annotations } = template.spec.metadata ?? {}
  let generateName = `${name}-${claim.name}-`
  const { length } = generateName
  // Both names are cut in proportion, so that something is left of either.
  if (length > longestBase) {
    const cut = (text: string) => text.slice(0, Math.trunc((text.length * longestBase) / length))
    generateName = `${cut(name)}-${cut(claim.name)}`
  }
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      generateName,
      namespace,
      labels,
      annotations: { ...annotations, [podClaimAnnotation]: claim.name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    },
    spec: template.spec.spec,
  } as unknown as ResourceClaim
}

export function isOwnedBy(claim: ResourceClaim, pod: Pod): boolean {
  return controllerOf(claim)?.uid === pod.metadata.uid
}

export function isReservedFor({ status }: ResourceClaim, pod: Pod): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) === true
}

/** It runs no more, or never will. */
export function isPodDone(pod: Pod): boolean {
  return isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName)
}
