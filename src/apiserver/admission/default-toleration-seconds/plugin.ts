import type { Pod } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A pod stays five minutes on a node that is lost, unless it says otherwise (plugin/pkg/admission/defaulttolerationseconds). */
export function createDefaultTolerationSeconds(tolerationSeconds = 300): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { spec } = objectOf<Pod>(attributes)
      const given = spec.tolerations ?? []
      const missing = taints.filter(
        (taint) => !given.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute')),
      )
      if (missing.length === 0) return
      const added = missing.map((key) => ({
        key,
        operator: 'Exists' as const,
        effect: 'NoExecute' as const,
        tolerationSeconds,
      }))
      spec.tolerations = [...given, ...added]
    },
  }
}
