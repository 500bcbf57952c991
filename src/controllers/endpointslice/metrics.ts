import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../../api/types.generated.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { goBuckets } from '../../machinery/metrics.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import type { Measure } from '../runtime/define-controller.ts'
import type { Step } from '../runtime/plan.ts'
import { managedByLabel, serviceNameLabel, sliceManager } from './desired.ts'
import { dealsOutZones } from './zone-hints.ts'

/** discovery.k8s.io: what is put into a slice at most (--max-endpoints-per-slice). */
const endpointsPerSlice = 100

const declared = controllerMetrics((registry) => {
  const name = (what: string) => `endpoint_slice_controller_${what}`
  const many = exponentialBuckets(2, 2, 15)
  /** Those of the controller that runs. */
  let slices: Informer<EndpointSlice> | undefined
  const own = () => (slices?.list() ?? []).filter(({ metadata }) => metadata.labels?.[managedByLabel] === sliceManager)
  const count = (what: string, help: string, read: () => number) =>
    registry.collect(name(what), help, 'gauge', [], () => [[[], read()]])
  count('num_endpoint_slices', 'EndpointSlices there are.', () => own().length)
  count('endpoints_desired', 'Endpoints that services have.', () =>
    own().reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0),
  )
  count('desired_endpoint_slices', 'EndpointSlices that would be enough.', () => fewest(own()))
  return {
    read: (informer: Informer<EndpointSlice>) => void (slices = informer),
    added: registry.histogram(name('endpoints_added_per_sync'), 'Endpoints that a sync added.', many).labels(),
    removed: registry.histogram(name('endpoints_removed_per_sync'), 'Endpoints that a sync removed.', many).labels(),
    changed: registry.histogram(
      name('endpointslices_changed_per_sync'),
      'EndpointSlices that a sync changed.',
      goBuckets,
      ['topology', 'traffic_distribution'],
    ),
    changes: registry.counter(name('changes'), 'Changes of EndpointSlices.', ['operation']),
    syncs: registry.counter(name('syncs'), 'Syncs by what came of them.', ['result']),
  }
})

/** What is published, and how often that changes (k8s.io/endpointslice/metrics). */
export const measure: Measure<Service> = (context, view) => {
  const metrics = declared(context)
  const slices = view(endpointSlices)
  metrics.read(slices)
  return ({ object }, { steps = [] }) => {
    const published = tally(steps, slices)
    return ({ error }) => {
      metrics.syncs.labels(error === undefined ? 'success' : isReason(error, 'Conflict') ? 'stale' : 'error').inc()
      if (error !== undefined) return
      metrics.added.observe(published.added)
      metrics.removed.observe(published.removed)
      metrics.changed
        .labels(dealsOutZones(object) ? 'Auto' : 'Disabled', object.spec.trafficDistribution ?? '')
        .observe(published.create + published.update + published.delete)
      for (const operation of ['create', 'update', 'delete'] as const) {
        if (published[operation] > 0) metrics.changes.labels(operation).inc(published[operation])
      }
    }
  }
}

function tally(steps: readonly Step[], slices: Informer<EndpointSlice>) {
  const count = { create: 0, update: 0, delete: 0, added: 0, removed: 0 }
  for (const step of steps) {
    if (step.do === 'tell' || step.do === 'batch' || step.do === 'patch' || step.ref !== endpointSlices) continue
    count[step.do] += 1
    const before = addressesOf(slices.get(keyOf(step.object)))
    const after = step.do === 'delete' ? new Set<string>() : addressesOf(step.object as EndpointSlice)
    count.added += after.difference(before).size
    count.removed += before.difference(after).size
  }
  return count
}

function addressesOf(slice: EndpointSlice | undefined): Set<string> {
  return new Set((slice?.endpoints ?? []).flatMap(({ addresses }) => addresses))
}

/** As many as each service's ports need when all are full. */
function fewest(slices: readonly EndpointSlice[]): number {
  const endpoints = new Map<string, number>()
  for (const { metadata, addressType, ports, endpoints: some } of slices) {
    const of = [metadata.namespace, metadata.labels?.[serviceNameLabel], addressType, ports]
    const key = JSON.stringify(of)
    endpoints.set(key, (endpoints.get(key) ?? 0) + (some?.length ?? 0))
  }
  return [...endpoints.values()].reduce((sum, each) => sum + Math.max(1, Math.ceil(each / endpointsPerSlice)), 0)
}
