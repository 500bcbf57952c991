import type { Draft } from '../../../../machinery/json.ts'
import type { PersistentVolumeClaimSpec } from '../../../types.generated.ts'

/**
 * Keeps dataSource and dataSourceRef the same, for dataSource is the older name of the newer
 * (pkg/api/persistentvolumeclaim NormalizeDataSources).
 */
export function normalizeDataSources(
  spec: Draft<PersistentVolumeClaimSpec>,
  old?: Pick<PersistentVolumeClaimSpec, 'dataSource' | 'dataSourceRef'>,
): void {
  const hadSource = old?.dataSource !== undefined || old?.dataSourceRef !== undefined
  // Of old, what was neither a claim nor a snapshot was dropped without a word.
  if (!hadSource && spec.dataSourceRef === undefined && !isClaimOrSnapshot(spec.dataSource ?? {}))
    delete spec.dataSource
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef !== undefined && dataSource === undefined && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef
    spec.dataSource = source
  }
}

function isClaimOrSnapshot({ kind, apiGroup }: { kind?: string; apiGroup?: string }): boolean {
  if (!apiGroup) return kind === 'PersistentVolumeClaim'
  return apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
}
