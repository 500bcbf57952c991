import { storageClassOf } from '../../api/core/v1/storage-columns.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.generated.ts'
import type { Informer } from '../../client/informer.ts'
import { controllerMetrics } from '../runtime/controller-metrics.ts'

export interface Counted {
  readonly volumes: Pick<Informer<PersistentVolume>, 'list'>
  readonly claims: Pick<Informer<PersistentVolumeClaim>, 'list'>
}

/** Volumes and claims as they are, and classes that claims were given (pkg/controller/volume/persistentvolume/metrics). */
export const volumeMetrics = controllerMetrics((registry) => {
  /** Those of the controller that runs. */
  let counted: Counted | undefined
  const volumes = () => counted?.volumes.list() ?? []
  const claims = () => counted?.claims.list() ?? []
  const count = <T>(
    name: string,
    help: string,
    labels: readonly string[],
    list: () => readonly T[],
    valuesOf: (object: T) => readonly string[],
  ) =>
    registry.collect(`pv_collector_${name}`, help, 'gauge', labels, function* () {
      const counts = new Map<string, { readonly values: readonly string[]; count: number }>()
      for (const object of list()) {
        const values = valuesOf(object)
        const key = values.join('\0')
        const known = counts.get(key)
        if (known === undefined) counts.set(key, { values, count: 1 })
        else known.count += 1
      }
      for (const { values, count } of counts.values()) yield [values, count] as const
    })
  count('total_pv_count', 'Volumes.', ['plugin_name', 'volume_mode'], volumes, ({ spec }) => [
    pluginOf(spec),
    spec.volumeMode ?? 'N/A',
  ])
  const isBound = ({ status }: PersistentVolume | PersistentVolumeClaim) => status?.phase === 'Bound'
  const classOf = (object: PersistentVolume) => [storageClassOf(object)]
  const ofClaim = (claim: PersistentVolumeClaim) => [
    claim.metadata.namespace ?? '',
    storageClassOf(claim),
    claim.spec.volumeAttributesClassName ?? '',
  ]
  const claimLabels = ['namespace', 'storage_class', 'volume_attributes_class']
  count('bound_pv_count', 'Volumes that are bound.', ['storage_class'], () => volumes().filter(isBound), classOf)
  count(
    'unbound_pv_count',
    'Volumes that are not bound.',
    ['storage_class'],
    () => volumes().filter((volume) => !isBound(volume)),
    classOf,
  )
  count('bound_pvc_count', 'Claims that are bound.', claimLabels, () => claims().filter(isBound), ofClaim)
  count(
    'unbound_pvc_count',
    'Claims that are not bound.',
    claimLabels,
    () => claims().filter((claim) => !isBound(claim)),
    ofClaim,
  )
  return {
    read: (some: Counted) => void (counted = some),
    given: registry.counter('retroactive_storageclass_total', 'Claims that were given the default class.').labels(),
    notGiven: registry
      .counter('retroactive_storageclass_errors_total', 'Claims that could not be given the default class.')
      .labels(),
  }
})

/** Which kind of volume it is: `kubernetes.io/nfs`, `kubernetes.io/csi:DRIVER`. */
function pluginOf(spec: PersistentVolume['spec']): string {
  if (spec.csi) return `kubernetes.io/csi:${spec.csi.driver}`
  const source = Object.keys(plugins).find((name) => (spec as Readonly<Record<string, unknown>>)[name] !== undefined)
  return source === undefined ? 'N/A' : plugins[source]!
}

const plugins: Readonly<Record<string, string>> = {
  hostPath: 'kubernetes.io/host-path',
  local: 'kubernetes.io/local-volume',
  nfs: 'kubernetes.io/nfs',
  iscsi: 'kubernetes.io/iscsi',
  fc: 'kubernetes.io/fc',
  flexVolume: 'kubernetes.io/flexvolume',
}
