import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

const finalizer = 'scheduling.k8s.io/podgroup-protection'

/** A group goes only once no pod is of it (plugin/pkg/admission/scheduling/podgroupprotection). */
export function createPodGroupProtection(): AdmissionPlugin {
  return {
    name: 'PodGroupProtection',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'podgroups', 'scheduling.k8s.io')) return
      const { metadata } = objectOf(attributes)
      if (metadata.finalizers?.includes(finalizer)) return
      metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    },
  }
}
