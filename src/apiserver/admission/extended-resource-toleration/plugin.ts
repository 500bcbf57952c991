import { isExtendedResource } from '../../../api/core/v1/resource-names.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

/** Who asks for a device bears the taint that keeps others off its nodes (plugin/pkg/admission/extendedresourcetoleration). */
export function createExtendedResourceToleration(): AdmissionPlugin {
  return {
    name: 'ExtendedResourceToleration',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { spec } = objectOf<Pod>(attributes)
      const asked = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
        Object.keys(resources?.requests ?? {}).filter(isExtendedResource),
      )
      for (const key of [...new Set(asked)].sort()) {
        const known = spec.tolerations ?? []
        const same = known.some(
          (one) => one.key === key && one.operator === 'Exists' && one.effect === 'NoSchedule' && !one.value,
        )
        if (!same) spec.tolerations = [...known, { key, operator: 'Exists', effect: 'NoSchedule' }]
      }
    },
  }
}
