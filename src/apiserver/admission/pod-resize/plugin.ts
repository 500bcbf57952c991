import { nodes } from '../../../api/core/v1/node.ts'
import { podRequests } from '../../../api/core/v1/pod/pod-resources.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { compareQuantities, quantityMilliValue, quantityValue } from '../../../machinery/quantity.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** A pod is not resized beyond its node (plugin/pkg/admission/podresize). */
export function createPodResize({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    handles: (operation) => operation === 'UPDATE',
    validate(attributes) {
      if (!isFor(attributes, 'pods', '', 'resize')) return
      const pod = objectOf<Pod>(attributes) as Pod
      const { nodeName } = pod.spec
      if (!nodeName || oldObjectOf<Pod>(attributes)?.metadata.generation === pod.metadata.generation) return
      const node = lister.get(nodes, '', nodeName)
      if (node === undefined) throw refusal(attributes, `node ${JSON.stringify(nodeName)} not found`)
      const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
      if (os !== 'linux') {
        const why = `pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(os)}`
        throw refusal(attributes, why, [{ reason: 'UnsupportedPlatform' }])
      }
      const allocatable = node.status?.allocatable ?? {}
      const requests = podRequests(pod.spec)
      const lacking: string[] = []
      for (const [name, valueOf] of [
        ['cpu', quantityMilliValue],
        ['memory', quantityValue],
      ] as const) {
        const [wanted, there] = [requests[name] ?? '0', allocatable[name] ?? '0']
        if (compareQuantities(wanted, there) > 0)
          lacking.push(`${name}, requested: ${valueOf(wanted)}, allocatable: ${valueOf(there)}`)
      }
      if (lacking.length === 0) return
      const why = `node didn't have enough allocatable resources: ${lacking.join('; ')}`
      throw refusal(attributes, why, [{ reason: 'NodeCapacity' }])
    },
  }
}
