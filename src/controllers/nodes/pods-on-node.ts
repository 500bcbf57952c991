import type { Pod } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** Finds pods by the node they are bound to. */
export const nodeNameIndex = 'nodeName'

export function nodeOfPod(pod: KubeObject): readonly string[] {
  const { nodeName } = (pod as Pod).spec
  return nodeName ? [nodeName] : []
}
