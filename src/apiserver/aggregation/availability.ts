import type { APIService, APIServiceCondition, EndpointSlice, Service } from '../../api/types.generated.ts'

export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

const unavailable = (reason: string, message: string): Availability => ({ status: 'False', reason, message })

export const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' }
export const local: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
}
export const failedDiscovery = (message: string): Availability => unavailable('FailedDiscoveryCheck', message)

/**
 * Why a group version cannot be reached, as its service and endpoints tell; undefined: it has to be asked (kube-aggregator
 * pkg/controllers/status/remote).
 */
export function serviceFault(
  reference: { readonly namespace: string; readonly name: string; readonly port: number },
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const { namespace, name, port } = reference
  const where = `service/${name} in "${namespace}"`
  if (service === undefined) return unavailable('ServiceNotFound', `${where} is not present`)
  if ((service.spec.type ?? 'ClusterIP') !== 'ClusterIP') return undefined
  const found = service.spec.ports?.find((one) => one.port === port)
  if (found === undefined) return unavailable('ServicePortError', `${where} is not listening on port ${port}`)
  if (slices.length === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${where}`)
  const portName = found.name ?? ''
  const active = slices.some(
    ({ endpoints, ports }) =>
      endpoints?.some(({ conditions }) => conditions?.ready !== false) === true &&
      ports?.some((one) => (one.name ?? '') === portName && one.port !== undefined) === true,
  )
  if (active) return undefined
  return unavailable('MissingEndpoints', `endpointslices for ${where} have no addresses with port name "${portName}"`)
}

export function isAvailable({ status }: APIService): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True') === true
}

/** The conditions with this availability; undefined: they say so already. The time moves only with the status. */
export function withAvailability(
  conditions: readonly APIServiceCondition[] = [],
  availability: Availability,
  now: string,
): readonly APIServiceCondition[] | undefined {
  const before = conditions.find(({ type }) => type === 'Available')
  if (
    before?.status === availability.status &&
    before.reason === availability.reason &&
    before.message === availability.message
  )
    return undefined
  const lastTransitionTime = before?.status === availability.status ? before.lastTransitionTime : now
  const made = { type: 'Available', ...availability, lastTransitionTime }
  return before === undefined ? [...conditions, made] : conditions.map((one) => (one === before ? made : one))
}
