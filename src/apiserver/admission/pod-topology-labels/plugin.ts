import { nodes } from '../../../api/core/v1/node.ts'
import type { Binding, Pod } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

const topologyLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** A pod carries the zone and region of its node (plugin/pkg/admission/podtopologylabels). */
export function createPodTopologyLabels({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      const binding = isFor(attributes, 'pods', '', 'binding')
      if (!binding && !isFor(attributes, 'pods')) return
      const target = binding ? objectOf<Binding>(attributes).target : undefined
      if (binding && target?.kind !== 'Node') return
      const nodeName = binding ? target?.name : objectOf<Pod>(attributes).spec.nodeName
      const labels = nodeName ? lister.get(nodes, '', nodeName)?.metadata.labels : undefined
      for (const label of topologyLabels) {
        const value = labels?.[label]
        if (value === undefined) continue
        const { metadata } = objectOf(attributes)
        metadata.labels = { ...metadata.labels, [label]: value }
      }
    },
  }
}
