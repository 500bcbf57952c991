import type { Pod } from '../../api/types.generated.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'
import { podAmounts } from '../resources/pod-resources.ts'
import { bytesQuantity, units } from '../resources/quantity.ts'

/** Bytes on disk of a pod. */
export interface StorageUsage {
  /** By volume name. */
  readonly emptyDirs: ReadonlyMap<string, number>
  /** Writable layer and logs, by container name. */
  readonly containers: ReadonlyMap<string, number>
}

/** Whether the pod has any limit of local storage, so that its usage is worth measuring. */
export function hasStorageLimit(pod: Pod): boolean {
  const inVolumes = pod.spec.volumes?.some(({ emptyDir }) => units(emptyDir?.sizeLimit) > 0)
  return inVolumes === true || (podAmounts(pod, 'limits')['ephemeral-storage'] ?? 0) > 0
}

/** Which limit of local storage a pod has passed, in upstream's words; undefined: none. */
export function storageLimitPassed(pod: Pod, usage: StorageUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = units(emptyDir?.sizeLimit)
    if (limit > 0 && (usage.emptyDirs.get(name) ?? 0) > limit) {
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(emptyDir?.sizeLimit)}. `
    }
  }
  const total = [...usage.emptyDirs.values(), ...usage.containers.values()].reduce((sum, bytes) => sum + bytes, 0)
  const limit = podAmounts(pod, 'limits')['ephemeral-storage'] ?? 0
  if (limit > 0 && total > limit) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${bytesQuantity(limit)}. `
  }
  for (const { name, resources } of [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)]) {
    const own = resources?.limits?.['ephemeral-storage']
    if (units(own) > 0 && (usage.containers.get(name) ?? 0) > units(own)) {
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(own)}. `
    }
  }
  return undefined
}
