import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import type { UserInfo } from '../../../api/user.ts'
import type { AllocatedDeviceStatus, AllocationResult, ResourceClaimStatus } from '../../../api/types.generated.ts'
import type { AuthorizationAttributes, Authorizer } from '../../authorization/authorizer.ts'
import { forbiddenRequest } from '../../authorization/forbidden.ts'

/**
 * Who may change what of a claim's status: allocations need resourceclaims/binding, what is told of devices needs
 * resourceclaims/driver for each driver (pkg/registry/resource/utils.go; KEP-4817).
 */
export interface StatusWrite {
  readonly user: UserInfo
  /** `update` or `patch`. */
  readonly verb: string
  readonly namespace: string
  readonly authorizer: Authorizer
}

const nodeNameKey = 'authentication.kubernetes.io/node-name'

export async function checkBinding(
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
  write: StatusWrite,
): Promise<FieldError[]> {
  if (jsonEqual(status.allocation, old.allocation) && jsonEqual(status.reservedFor, old.reservedFor)) return []
  const refusal = await refusalOf(write, { verb: write.verb, subresource: 'binding', namespace: '', name: '' })
  if (refusal === undefined) return []
  const needs = `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${write.verb}" permission`
  return [fieldErrors.forbidden('status.allocation', `${needs}: ${refusal}`)]
}

/** What is told of devices goes with their allocation. */
export async function checkDrivers(
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
  write: StatusWrite,
): Promise<FieldError[]> {
  if (status.allocation === undefined) return []
  const isNear = isOnNode(write.user, nodeOf(status.allocation))
  const verbs = [...(isNear ? [`associated-node:${write.verb}`] : []), `arbitrary-node:${write.verb}`]
  const errors: FieldError[] = []
  for (const driver of changedDrivers(status.devices ?? [], old.devices ?? [])) {
    const refusal = await firstRefusal(verbs, driver, write)
    if (refusal === undefined) continue
    const needs = `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission`
    errors.push(fieldErrors.forbidden('status.devices', `${needs}: ${refusal}`))
  }
  return errors
}

/** undefined: one of the verbs is allowed. */
async function firstRefusal(verbs: readonly string[], driver: string, write: StatusWrite): Promise<string | undefined> {
  let first: string | undefined
  for (const verb of verbs) {
    const { namespace } = write
    const refusal = await refusalOf(write, { verb, subresource: 'driver', namespace, name: driver })
    if (refusal === undefined) return undefined
    first ??= refusal
  }
  return first
}

async function refusalOf(
  { user, authorizer }: StatusWrite,
  asked: Pick<AuthorizationAttributes, 'verb' | 'subresource' | 'namespace' | 'name'>,
): Promise<string | undefined> {
  const attributes: AuthorizationAttributes = {
    user,
    resourceRequest: true,
    apiGroup: 'resource.k8s.io',
    apiVersion: 'v1',
    resource: 'resourceclaims',
    path: '',
    ...asked,
  }
  const { decision, reason, error } = await authorizer.authorize(attributes)
  if (decision === 'allow') return undefined
  const why = error === undefined ? reason : reason === '' ? error : `${error}: ${reason}`
  return forbiddenRequest(attributes, why).message
}

function changedDrivers(
  devices: readonly AllocatedDeviceStatus[],
  before: readonly AllocatedDeviceStatus[],
): readonly string[] {
  const keyOf = ({ driver, pool, device, shareID }: AllocatedDeviceStatus) =>
    JSON.stringify([driver, pool, device, shareID ?? ''])
  const left = new Map(before.map((device) => [keyOf(device), device]))
  const drivers = new Set<string>()
  for (const device of devices) {
    if (!jsonEqual(left.get(keyOf(device)), device)) drivers.add(device.driver)
    left.delete(keyOf(device))
  }
  for (const { driver } of left.values()) drivers.add(driver)
  return [...drivers].sort()
}

/** The one node that a selector names. */
function nodeOf({ nodeSelector }: AllocationResult): string | undefined {
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  const [term] = terms
  if (terms.length !== 1 || term === undefined || (term.matchExpressions ?? []).length > 0) return undefined
  const [requirement, ...others] = term.matchFields ?? []
  if (requirement === undefined || others.length > 0) return undefined
  const { key, operator, values = [] } = requirement
  return key === 'metadata.name' && operator === 'In' && values.length === 1 ? values[0] : undefined
}

/** A service account whose token is bound to a pod on the node. */
function isOnNode({ name, extra }: UserInfo, node: string | undefined): boolean {
  if (node === undefined || !/^system:serviceaccount:[^:]+:[^:]+$/.test(name)) return false
  const [own, ...others] = extra?.[nodeNameKey] ?? []
  return own === node && others.length === 0 && dns1123Subdomain(own).length === 0
}
