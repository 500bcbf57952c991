import { serviceCidrs } from '../../api/networking/v1/service-cidr.ts'
import { ipAddresses } from '../../api/networking/v1/ip-address.ts'
import type { Condition, ServiceCIDR } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { bitsOf, type Cidr, contains, type Ip, parseCidr, parseIp, sizeOf } from '../../machinery/ip.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { timeOf } from '../pods/pod-state.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Plan, Write } from '../runtime/plan.ts'

export const finalizer = 'networking.k8s.io/service-cidr-finalizer'
const fieldManager = 'service-cidr-controller'
/** API servers may give out addresses for so long after they could know of the deletion. */
const graceMs = 10_000

/** Keeps a range of service addresses while one of them is in use (pkg/controller/servicecidrs). */
export function reconcile({ object: range, view, now }: Observed<ServiceCIDR>): Plan {
  const { name = '', finalizers = [], deletionTimestamp } = range.metadata
  const patch = (type: 'strategic' | 'apply', body: object, subresource?: string): Write => ({
    do: 'patch',
    ref: serviceCidrs,
    key: { name },
    type,
    patch: body,
    subresource,
    fieldManager: type === 'apply' ? fieldManager : undefined,
  })
  const ready = (status: 'True' | 'False', reason: string, message: string): Write[] => {
    const present = range.status?.conditions?.find(({ type }) => type === 'Ready')
    if (present?.status === status && present.reason === reason && present.message === message) return []
    const condition: Condition = { type: 'Ready', status, reason, message, lastTransitionTime: formatTime(now) }
    const body = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name } }
    return [patch('apply', { ...body, status: { conditions: [condition] } }, 'status')]
  }
  if (deletionTimestamp === undefined) {
    const kept = finalizers.includes(finalizer)
    const failed = () => ({
      type: 'Warning' as const,
      reason: 'KubernetesServiceCIDRError',
      message: 'The ServiceCIDR Status can not be set to Ready=True',
    })
    return {
      steps: [
        ...(kept ? [] : [patch('strategic', { metadata: { finalizers: [finalizer] } })]),
        ...ready('True', '', 'Kubernetes Service CIDR is ready').map((write) => ({ ...write, failed })),
      ],
    }
  }
  if (!finalizers.includes(finalizer)) return {}
  const others = view(serviceCidrs)
    .list()
    .filter((other) => other !== range)
  if (!canGo(range, others, view(ipAddresses).list())) {
    const why =
      'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'
    return { steps: ready('False', 'Terminating', why) }
  }
  const waitMs = (timeOf(deletionTimestamp) ?? 0) + graceMs - now
  if (waitMs > 0) return { requeueAfterMs: waitMs }
  return { steps: [patch('strategic', { metadata: { '$deleteFromPrimitiveList/finalizers': [finalizer] } })] }
}

/** No service would be left with an address that is in no range. */
function canGo(range: ServiceCIDR, others: readonly ServiceCIDR[], addresses: readonly KubeObject[]): boolean {
  const own = cidrsOf(range)
  const left = others.flatMap(cidrsOf)
  const covered = own.every((cidr) => left.some((other) => other.prefix <= cidr.prefix && contains(other, cidr)))
  if (covered) return true
  return addresses
    .filter(isOurs)
    .flatMap(({ metadata }) => parseIp(metadata.name ?? '') ?? [])
    .filter((ip) => own.some((cidr) => givesOut(cidr, ip)))
    .every((ip) => left.some((cidr) => givesOut(cidr, ip)))
}

/** Of services; who keeps other addresses knows how. */
export function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io'
}

export function cidrsOf({ spec }: ServiceCIDR): Cidr[] {
  return (spec?.cidrs ?? []).flatMap((text) => parseCidr(text) ?? [])
}

/** All but the first address and, of IPv4, the last one. */
export function givesOut(cidr: Cidr, ip: Ip): boolean {
  if (!contains(cidr, ip) || ip.value === cidr.value) return false
  return ip.family === 6 || ip.value !== cidr.value + sizeOf(cidr) - 1n || cidr.prefix === bitsOf(4)
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return contains(a, b) || contains(b, a)
}
