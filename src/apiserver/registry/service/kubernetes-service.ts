import type { Endpoints, EndpointSlice, Service, ServiceCIDR } from '../../../api/types.generated.ts'
import { endpoints as endpointsKind } from '../../../api/core/v1/endpoints.ts'
import { services } from '../../../api/core/v1/service.ts'
import { endpointSlices } from '../../../api/discovery/v1/endpoint-slice.ts'
import { serviceCidrs } from '../../../api/networking/v1/service-cidr.ts'
import type { ResourceRef } from '../../../api/definition.ts'
import { formatTime, type Clock } from '../../../machinery/clock.ts'
import type { Component } from '../../../machinery/component.ts'
import { isReason } from '../../../machinery/errors.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Store } from '../../../store/store.ts'
import type { Lister } from '../../lister.ts'
import type { ObjectWriter } from '../../object-writer.ts'
import { repairAddresses } from './repair-addresses.ts'
import { AddressRange, familyOf } from './address-range.ts'

/** Upstream: DefaultEndpointReconcilerInterval and its TTL. */
const intervalMs = 10_000
const leaseSeconds = 15
/** Every three minutes, and at the start. */
const roundsPerRepair = 18
const namespace = 'default'
const name = 'kubernetes'

export interface KubernetesServiceOptions {
  readonly store: Store
  readonly lister: Lister
  readonly writer: ObjectWriter
  readonly clock: Clock
  readonly log: Logger
  /** Ranges of service addresses, the default family's first: `10.96.0.0/12`. */
  readonly serviceRanges: readonly string[]
  /** Where pods reach this server. */
  readonly advertiseAddress: string
  readonly port: () => number
  /** Whether this server is kept among the endpoints (--endpoint-reconciler-type). */
  readonly keepsEndpoints: boolean
}

/**
 * Keeps the ServiceCIDR `kubernetes`, the service `default/kubernetes` and the endpoints behind it: every living server is
 * one of them, by a lease in the store (pkg/controlplane: kubernetesservice, defaultservicecidr, reconcilers/lease.go).
 * The only server of a store that is not shared needs no lease: it would be a write every ten seconds, for nobody.
 */
export function kubernetesService(options: KubernetesServiceOptions): Component {
  const { store, clock, log, keepsEndpoints } = options
  let cancel = () => {}
  let stopped = false
  let rounds = 0
  const round = async () => {
    try {
      await ensureServiceRange(options)
      await ensureService(options)
      if (store.shared && keepsEndpoints) await renewLease(options)
      if (keepsEndpoints)
        await reconcileEndpoints(options, store.shared ? await livingAddresses(store) : [options.advertiseAddress])
      if (rounds++ % roundsPerRepair === 0) await repairAddresses(options)
    } catch (error) {
      log.warn('the kubernetes service could not be brought up to date', { error })
    }
  }
  const loop = async () => {
    await round()
    if (!stopped) cancel = clock.after(intervalMs, () => void loop())
  }
  return {
    name: 'kubernetes-service',
    async start() {
      await dropPortBitmap(options)
      await loop()
    },
    async stop() {
      stopped = true
      cancel()
      if (!keepsEndpoints) return
      try {
        if (store.shared) await dropLease(options)
        await reconcileEndpoints(options, store.shared ? await livingAddresses(store) : [])
      } catch (error) {
        log.debug('the kubernetes service could not be left', { error })
      }
    },
  }
}

async function ensureServiceRange({ lister, writer, clock, serviceRanges }: KubernetesServiceOptions): Promise<void> {
  const ref = serviceCidrs as ResourceRef<ServiceCIDR>
  let present = lister.get(ref, '', name)
  if (present === undefined) {
    const object = {
      kind: 'ServiceCIDR',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { name },
      spec: { cidrs: serviceRanges },
    }
    present = await created(writer, ref, object as ServiceCIDR)
    if (present === undefined) return
  }
  const ready = present.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True' || ready?.status === 'False' || !jsonEqual(present.spec?.cidrs, serviceRanges)) return
  const condition = {
    type: 'Ready',
    status: 'True',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: formatTime(clock.now()),
  }
  const configuration = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    status: { conditions: [condition] },
  }
  const options = { subresource: 'status', fieldManager: 'kubernetes-service-cidr-controller', force: true }
  await writer.patch(ref, { name }, 'apply', configuration, options)
}

async function ensureService({ lister, writer, serviceRanges, port }: KubernetesServiceOptions): Promise<void> {
  const ref = services as ResourceRef<Service>
  if (lister.get(ref, namespace, name) !== undefined) return
  const clusterIP = new AddressRange(serviceRanges[0]!).first
  await created(writer, ref, {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port() }],
    },
    status: {},
  })
}

/** undefined: somebody else was faster. */
async function created<T extends KubeObject>(
  writer: ObjectWriter,
  ref: ResourceRef<T>,
  object: T,
): Promise<T | undefined> {
  try {
    return await writer.create(ref, object)
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return undefined
    throw error
  }
}

const leasePrefix = '/registry/masterleases/'

async function renewLease({ store, advertiseAddress }: KubernetesServiceOptions): Promise<void> {
  const key = leasePrefix + advertiseAddress
  for (;;) {
    const { entry } = await store.get(key)
    const lease = {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { generation: Number((entry?.modRevision ?? 0) % Number.MAX_SAFE_INTEGER) },
      subsets: [{ addresses: [{ ip: advertiseAddress }] }],
    }
    const result = await store.transact({
      compares: [{ key, modRevision: entry?.modRevision ?? 0 }],
      operations: [{ type: 'put', key, value: Buffer.from(JSON.stringify(lease)), ttlSeconds: leaseSeconds }],
    })
    if (result.succeeded) return
  }
}

async function dropLease({ store, advertiseAddress }: KubernetesServiceOptions): Promise<void> {
  await store.transact({ compares: [], operations: [{ type: 'delete', key: leasePrefix + advertiseAddress }] })
}

/**
 * kube-apiserver's own count of node ports, which we do not keep: a port that it does not see given back, it holds back for
 * minutes, and without a count it begins anew from the services (pkg/registry/core/service/portallocator/controller/repair.go).
 */
async function dropPortBitmap({ store, log }: KubernetesServiceOptions): Promise<void> {
  const key = '/registry/ranges/servicenodeports'
  try {
    if ((await store.get(key)).entry === undefined) return
    await store.transact({ compares: [], operations: [{ type: 'delete', key }] })
  } catch (error) {
    log.warn('the count of node ports of another server stays', { error })
  }
}

async function livingAddresses(store: Store): Promise<string[]> {
  const { entries } = await store.list(leasePrefix)
  return entries.map(({ key }) => key.slice(leasePrefix.length)).sort()
}

async function reconcileEndpoints(options: KubernetesServiceOptions, addresses: readonly string[]): Promise<void> {
  const { lister, writer, port } = options
  const ports = [{ name: 'https', port: port(), protocol: 'TCP' }]
  const subsets = addresses.length === 0 ? undefined : [{ addresses: addresses.map((ip) => ({ ip })), ports }]
  const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  await ensure<Endpoints>(endpointsKind, {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: { name, namespace, labels: skipMirror },
    subsets,
  } as Endpoints)
  await ensure<EndpointSlice>(endpointSlices, {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: familyOf(addresses[0] ?? options.advertiseAddress),
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: addresses.length === 0 ? undefined : ports,
  } as EndpointSlice)

  async function ensure<T extends KubeObject>(ref: ResourceRef<T>, wanted: T): Promise<void> {
    const present = lister.get(ref, namespace, name)
    if (present === undefined) {
      if (addresses.length > 0) await created(writer, ref, wanted)
      return
    }
    const labels = { ...present.metadata.labels, ...wanted.metadata.labels }
    const updated = { ...wanted, metadata: { ...present.metadata, labels } }
    if (!jsonEqual(withoutMetadata(updated), withoutMetadata(present)) || !jsonEqual(labels, present.metadata.labels)) {
      await writer.update(ref, updated)
    }
  }
}

function withoutMetadata({ metadata: _, ...rest }: KubeObject): object {
  return rest
}
