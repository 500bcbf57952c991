import { nodeSelectorMatcher } from '../../../api/core/v1/node-affinity.ts'
import type { DeviceClass, NodeSelector, Pod, ResourceClaim } from '../../../api/types.generated.ts'
import type { ClaimTracker } from './claim-tracker.ts'
import type { ClaimState } from './pod-state.ts'

/** What is to be known of a claim before nodes are looked at; a text: why none can do (dynamicresources.go PreFilter). */
export function claimState(
  claim: ResourceClaim,
  isExtended: boolean,
  tracker: ClaimTracker,
  classOf: (name: string) => DeviceClass | undefined,
): ClaimState | string {
  const { allocation } = claim.status ?? {}
  const { nodeSelector } = (allocation ?? {}) as { readonly nodeSelector?: NodeSelector }
  const usableOn = nodeSelector === undefined ? undefined : nodeSelectorMatcher(nodeSelector)
  const state: ClaimState = { claim, usableOn, isExtended, promised: undefined, promisedTo: undefined }
  if (allocation !== undefined) return state
  const { namespace, name, uid = '' } = claim.metadata
  if (tracker.pending(uid) !== undefined)
    return `resource claim ${namespace}/${name} is in the process of being allocated`
  return (isExtended ? undefined : missingClass(claim, classOf)) ?? state
}

function missingClass(
  { metadata, spec }: ResourceClaim,
  classOf: (name: string) => DeviceClass | undefined,
): string | undefined {
  for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const wanted =
      exactly === undefined
        ? firstAvailable.map((each) => [`${name}/${each.name}`, each.deviceClassName] as const)
        : [[name, exactly.deviceClassName] as const]
    if (wanted.length === 0)
      return `resource claim ${metadata.namespace}/${metadata.name}, request ${name}: unknown request type`
    for (const [request, className] of wanted)
      if (classOf(className) === undefined) return `request ${request}: device class ${className} does not exist`
  }
  return undefined
}

export function isReservedFor({ status }: ResourceClaim, { metadata }: Pod): boolean {
  return (status?.reservedFor ?? []).some(({ uid }) => uid === metadata.uid)
}

/** Whether nobody but the pod uses it. */
export function isFreeFor({ status }: ResourceClaim, pod: Pod): boolean {
  return (status?.reservedFor ?? []).every(({ uid }) => uid === pod.metadata.uid)
}

export function needsNodeOperationsSkipped({ status }: ResourceClaim): boolean {
  return (status?.allocation?.devices?.results ?? []).some(
    ({ skipNodeOperations = [] }) => skipNodeOperations.length > 0,
  )
}
