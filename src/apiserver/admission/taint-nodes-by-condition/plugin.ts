import type { Node } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

/** A new node takes no pods until it is known to be ready (plugin/pkg/admission/nodetaint). */
export function createTaintNodesByCondition(): AdmissionPlugin {
  return {
    name: 'TaintNodesByCondition',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'nodes')) return
      const node = objectOf<Node>(attributes)
      node.spec ??= {}
      node.spec.taints ??= []
      const { taints } = node.spec
      if (taints.some(({ key, effect }) => key === 'node.kubernetes.io/not-ready' && effect === 'NoSchedule')) return
      taints.push({ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' })
    },
  }
}
