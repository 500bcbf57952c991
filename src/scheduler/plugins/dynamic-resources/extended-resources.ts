import { isExtendedResource } from '../../../api/core/v1/resource-names.ts'
import type { Container, DeviceClass, DeviceRequest, Pod, ResourceClaim } from '../../../api/types.generated.ts'
import { quantityScaled } from '../../../machinery/quantity.ts'

/** Extended resources that devices stand for, where a node has no plugin that offers them (KEP-5004). */

const implicitPrefix = 'deviceclass.resource.kubernetes.io/'
const claimAnnotation = 'resource.kubernetes.io/extended-resource-claim'
/** Of the claim that is not written yet: no name that a real one could have. */
const nameInMemory = '<extended-resources>'

/** Whether devices may stand for a resource of this name. */
export function mayBeDevices(resource: string): boolean {
  return isExtendedResource(resource) || resource.startsWith(implicitPrefix)
}

/** The class that stands for a resource: of several the newest, then the first by name (extendedresourcecache). */
export function classOfResource(resource: string, classes: readonly DeviceClass[]): DeviceClass | undefined {
  let found: DeviceClass | undefined
  for (const each of classes) {
    const { name = '' } = each.metadata
    const created = each.metadata.creationTimestamp ?? ''
    if (resource === `${implicitPrefix}${name}`) return each
    if (each.spec.extendedResourceName !== resource) continue
    const newest = found?.metadata.creationTimestamp ?? ''
    if (found === undefined || created > newest) found = each
    else if (created === newest && name < (found.metadata.name ?? '')) found = each
  }
  return found
}

export function isInMemory({ metadata }: ResourceClaim): boolean {
  return metadata.name === nameInMemory
}

/** The claim that was made for the pod's resources in an earlier cycle. */
export function earlierClaim(pod: Pod, claims: Iterable<ResourceClaim>): ResourceClaim | undefined {
  for (const claim of claims) {
    const { annotations, ownerReferences = [] } = claim.metadata
    if (annotations?.[claimAnnotation] !== 'true') continue
    if (
      ownerReferences.some(
        ({ name, uid, controller }) => controller && name === pod.metadata.name && uid === pod.metadata.uid,
      )
    )
      return claim
  }
  return undefined
}

/** One claim for all such resources of the pod; what it asks for depends on the node. */
export function claimInMemory({ metadata }: Pod, uid: string): ResourceClaim {
  const { name = '', namespace } = metadata
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name: nameInMemory,
      namespace,
      uid,
      generateName: `${name}-extended-resources-`,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid: metadata.uid ?? '', controller: true }],
      annotations: { [claimAnnotation]: 'true' },
    },
    spec: {},
    status: {},
  } as unknown as ResourceClaim
}

export interface RequestMapping {
  readonly containerName: string
  readonly resourceName: string
  readonly requestName: string
}

/**
 * What containers ask for, as requests for devices, and which container uses which. Containers that come one after the
 * other share: the most that one of them needs beyond what later ones hold (createRequestsAndMappings).
 */
export function deviceRequests(
  pod: Pod,
  resources: Iterable<string>,
  classOf: (resource: string) => DeviceClass | undefined,
): { readonly requests: readonly DeviceRequest[]; readonly mappings: readonly RequestMapping[] } {
  const init = pod.spec?.initContainers ?? []
  const containers = [...init, ...(pod.spec?.containers ?? [])]
  const isBrief = (container: Container, index: number) => index < init.length && container.restartPolicy !== 'Always'
  const requests: DeviceRequest[] = []
  const mappings: RequestMapping[] = []
  for (const resource of [...resources].sort()) {
    const className = classOf(resource)?.metadata.name
    if (className === undefined) continue
    const lasting: (DeviceRequest | undefined)[] = containers.map(() => undefined)
    const brief: RequestMapping[] = []
    const briefNames = new Set<string>()
    let largest: DeviceRequest | undefined
    for (const [index, container] of containers.entries()) {
      if (isBrief(container, index)) continue
      const asked = askOf(index, container, resource, className, [])
      lasting[index] = asked?.request
      mappings.push(...(asked?.mappings ?? []))
    }
    for (const [index, container] of containers.entries()) {
      if (!isBrief(container, index)) continue
      const asked = askOf(index, container, resource, className, lasting.slice(index))
      brief.push(...(asked?.mappings ?? []))
      if (asked?.request === undefined) continue
      briefNames.add(asked.request.name)
      if (largest === undefined || countOf(largest) < countOf(asked.request)) largest = asked.request
    }
    const shared = largest?.name
    if (largest !== undefined) requests.push(largest)
    requests.push(...lasting.filter((each) => each !== undefined))
    mappings.push(
      ...brief.map((each) =>
        shared !== undefined && briefNames.has(each.requestName) ? { ...each, requestName: shared } : each,
      ),
    )
  }
  return { requests: requests.sort((a, b) => (a.name < b.name ? -1 : 1)), mappings }
}

const countOf = ({ exactly }: DeviceRequest): number => exactly?.count ?? 0

function askOf(
  index: number,
  { name, resources }: Container,
  resource: string,
  className: string,
  reusable: readonly (DeviceRequest | undefined)[],
): { readonly request?: DeviceRequest; readonly mappings: readonly RequestMapping[] } | undefined {
  const asked: Readonly<Record<string, string>> = resources?.requests ?? {}
  const wanted = asked[resource] === undefined ? 0 : Number(quantityScaled(asked[resource], 0))
  if (wanted === 0) return undefined
  const mapping = (requestName: string): RequestMapping => ({
    containerName: name,
    resourceName: resource,
    requestName,
  })
  const mappings: RequestMapping[] = []
  let held = 0
  for (const each of reusable) {
    if (each === undefined) continue
    held += countOf(each)
    mappings.push(mapping(each.name))
    if (held >= wanted) return { mappings }
  }
  const requestName = `container-${index}-request-${Object.keys(asked).sort().indexOf(resource)}`
  const exactly = { deviceClassName: className, allocationMode: 'ExactCount', count: wanted - held } as const
  return { request: { name: requestName, exactly }, mappings: [...mappings, mapping(requestName)] }
}
