import type { Pod } from '../../../api/types.generated.ts'
import { forbidden } from '../../../machinery/errors.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

const hostname = 'kubernetes.io/hostname'

/** Nobody keeps others off more than a node by required anti-affinity (plugin/pkg/admission/antiaffinity). */
export function createLimitPodHardAntiAffinityTopology(): AdmissionPlugin {
  return {
    name: 'LimitPodHardAntiAffinityTopology',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { spec, metadata } = objectOf<Pod>(attributes)
      for (const { topologyKey } of spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ??
        [])
        if (topologyKey !== hostname)
          throw forbidden(
            attributes.resource,
            metadata.name ?? '',
            `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${topologyKey} but only key ${hostname} is allowed`,
          )
    },
  }
}
