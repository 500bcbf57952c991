import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { quantitySign } from '../../../../machinery/quantity.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { groupId } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf } from '../../../field-checks.ts'
import type { Container, ContainerStatus, PodSpec, PodStatus } from '../../../types.generated.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** What is reported of single containers (pkg/apis/core/validation validateContainerStatus…). */
const members = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const

export function validateContainerStatuses(
  status: PodStatus,
  spec: PodSpec,
  { allowImageDigests }: Pick<PodSpecRules, 'allowImageDigests'>,
): FieldError[] {
  const errors: FieldError[] = []
  for (const member of members) {
    errors.push(...validateUsers(status[member], `status.${member}`, spec.os?.name ?? 'linux'))
  }
  errors.push(...validateDevices(status.containerStatuses, 'status.containerStatuses', spec.containers, status))
  errors.push(
    ...validateDevices(status.initContainerStatuses, 'status.initContainerStatuses', spec.initContainers, status),
  )
  for (const [index, { allocatedResourcesStatus }] of (status.ephemeralContainerStatuses ?? []).entries()) {
    if (!allocatedResourcesStatus?.length) continue
    const field = `status.ephemeralContainerStatuses[${index}].allocatedResourcesStatus`
    errors.push(fieldErrors.forbidden(field, 'must not be specified in container status'))
  }
  if (allowImageDigests)
    for (const member of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const)
      errors.push(...validateVolumeStatuses(status[member], `status.${member}`))
  return errors
}

const maxImageReference = 256

function validateVolumeStatuses(statuses: readonly ContainerStatus[] = [], field: string): FieldError[] {
  return statuses.flatMap(({ volumeMounts = [] }, index) =>
    volumeMounts.flatMap(({ volumeStatus }, mount) => {
      if (!volumeStatus?.image) return []
      const at = `${field}[${index}].volumeMounts[${mount}].volumeStatus.imageVolumeStatus.imageRef`
      const { imageRef } = volumeStatus.image
      if (!imageRef) return [fieldErrors.required(at, 'imageRef must not be empty')]
      return imageRef.length > maxImageReference ? [fieldErrors.tooLong(at, imageRef, maxImageReference)] : []
    }),
  )
}

const maxUid = 2 ** 32 - 1

function validateUsers(statuses: readonly ContainerStatus[] = [], field: string, system: string): FieldError[] {
  return statuses.flatMap(({ user }, index) => {
    const linux = user?.linux
    const at = `${field}[${index}].user.linux`
    if (!linux) return []
    if (system === 'windows') return [fieldErrors.forbidden(at, 'cannot be set for a windows pod')]
    const errors: FieldError[] = []
    if (linux.uid < 0 || linux.uid > maxUid) {
      errors.push(fieldErrors.invalid(`${at}.uid`, linux.uid, `must be between 0 and ${maxUid}, inclusive`))
    }
    errors.push(...checkField(linux.gid, `${at}.gid`, groupId))
    for (const [group, id] of (linux.supplementalGroups ?? []).entries()) {
      errors.push(...checkField(id, `${at}.supplementalGroups[${group}]`, groupId))
    }
    return errors
  })
}

const healths: readonly string[] = ['Healthy', 'Unhealthy', 'Unknown']
const maxHealthMessage = 1024

function validateDevices(
  statuses: readonly ContainerStatus[] = [],
  field: string,
  containers: readonly Container[] = [],
  status: PodStatus,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, { name, allocatedResourcesStatus = [] }] of statuses.entries()) {
    const container = containers.find((one) => one.name === name)
    for (const [at, allocated] of allocatedResourcesStatus.entries()) {
      const path = `${field}[${index}].allocatedResourcesStatus[${at}]`
      if (container) errors.push(...validateName(allocated.name, container, status, `${path}.name`))
      const ids = new Set<string>()
      for (const [each, { resourceID, health, message }] of (allocated.resources ?? []).entries()) {
        const resource = `${path}.resources[${each}]`
        errors.push(...checkOneOf(health, `${resource}.health`, healths))
        if (message === '') errors.push(fieldErrors.required(`${resource}.message`, 'must be non-empty if specified'))
        else if (message !== undefined && byteLength(message) > maxHealthMessage) {
          errors.push(fieldErrors.tooLong(`${resource}.message`, message, maxHealthMessage))
        }
        if (ids.has(resourceID)) errors.push(fieldErrors.duplicate(`${resource}.resourceID`, resourceID))
        ids.add(resourceID)
      }
    }
  }
  return errors
}

function validateName(name: string, container: Container, status: PodStatus, field: string): FieldError[] {
  if (!name.startsWith('claim:')) {
    if (container.resources?.requests?.[name] !== undefined) return []
    return [fieldErrors.invalid(field, name, "must match one of the container's resource requests")]
  }
  const claims = (container.resources?.claims ?? []).map((claim) =>
    claim.request ? `claim:${claim.name}/${claim.request}` : `claim:${claim.name}`,
  )
  if (claims.includes(name) || isExtendedClaim(name, container, status)) return []
  const detail =
    "must match one of the container's resource claims as 'claim:<claimName>/<requestName>' when container.resources.claims[*].request is set or 'claim:<claimName>' when it is empty"
  return [fieldErrors.invalid(field, name, detail)]
}

/** Whether the name is that of a request made for the container's extended resources. */
function isExtendedClaim(name: string, container: Container, status: PodStatus): boolean {
  const claim = status.extendedResourceClaimStatus
  const [claimName, requestName] = name.slice('claim:'.length).split(/\/([^]*)/)
  if (!claim || !requestName || claimName !== claim.resourceClaimName) return false
  return (claim.requestMappings ?? []).some((mapping) => {
    if (mapping.containerName !== container.name || mapping.requestName !== requestName) return false
    const quantity = container.resources?.requests?.[mapping.resourceName]
    return quantity !== undefined && quantitySign(quantity) !== 0
  })
}
