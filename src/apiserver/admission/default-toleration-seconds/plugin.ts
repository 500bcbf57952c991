import type { Pod } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { PluginSelection } from '../plugin-selection.ts'

const usualSeconds = 300

/** A pod stays five minutes on a node that is lost, unless it says otherwise (plugin/pkg/admission/defaulttolerationseconds). */
export function createDefaultTolerationSeconds({
  notReady = usualSeconds,
  unreachable = usualSeconds,
}: PluginSelection['tolerationSeconds'] = {}): AdmissionPlugin {
  const taints: Readonly<Record<string, number>> = {
    'node.kubernetes.io/not-ready': notReady,
    'node.kubernetes.io/unreachable': unreachable,
  }
  return {
    name: 'DefaultTolerationSeconds',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const { spec } = objectOf<Pod>(attributes)
      const given = spec.tolerations ?? []
      const missing = Object.keys(taints).filter(
        (taint) => !given.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute')),
      )
      if (missing.length === 0) return
      const added = missing.map((key) => ({
        key,
        operator: 'Exists' as const,
        effect: 'NoExecute' as const,
        tolerationSeconds: taints[key],
      }))
      spec.tolerations = [...given, ...added]
    },
  }
}
