import { namespaces } from '../../../api/core/v1/namespace.ts'
import { podQosClass } from '../../../api/core/v1/pod/pod-resources.ts'
import type { Namespace, Pod, Toleration } from '../../../api/types.generated.ts'
import { ApiError, internalError, notFound } from '../../../machinery/errors.ts'
import { anything, integer, list, object, optional, string, type ValueOf } from '../../options/config-shape.ts'
import type { ConfigKind } from '../../options/config-file.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { coversAll, mergedTolerations } from './tolerations.ts'

const toleration = object({
  key: string,
  operator: string,
  value: string,
  effect: string,
  tolerationSeconds: optional(integer),
})
const shape = object({ default: list(toleration), whitelist: list(toleration), metadata: anything })

/** What the tolerations of pods are where their namespace says nothing. */
export const podTolerationRestrictionKind: ConfigKind<ValueOf<typeof shape>> = {
  apiVersions: ['podtolerationrestriction.admission.k8s.io/v1alpha1'],
  kind: 'Configuration',
  shape,
}
export type PodTolerationRestrictionConfiguration = ValueOf<typeof shape>

const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations'
const allowedAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist'
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
}

/** A namespace says which taints its pods bear by default, and may bear at all (plugin/pkg/admission/podtolerationrestriction). */
export function createPodTolerationRestriction(
  { lister }: Pick<AdmissionServices, 'lister'>,
  configuration: PodTolerationRestrictionConfiguration = { default: [], whitelist: [], metadata: undefined },
): AdmissionPlugin {
  async function namespaceOf({ namespace }: AdmissionAttributes): Promise<Namespace> {
    const found = lister.get(namespaces, '', namespace) ?? (await lister.getLive(namespaces, '', namespace))
    if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace)
    return found
  }
  function check(pod: Pod, namespace: Namespace): void {
    const own = tolerationsIn(namespace, allowedAnnotation)
    const allowed = own ?? (configuration.whitelist as readonly Toleration[])
    if (coversAll(allowed, pod.spec.tolerations ?? [])) return
    const scope = own === undefined ? 'cluster' : 'namespace'
    const message = `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${scope} whitelist`
    throw new ApiError({ code: 500, message })
  }
  return {
    name: 'PodTolerationRestriction',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    async mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      const pod = objectOf<Pod>(attributes)
      const namespace = await namespaceOf(attributes)
      const more =
        attributes.operation === 'CREATE'
          ? (tolerationsIn(namespace, defaultsAnnotation) ?? (configuration.default as readonly Toleration[]))
          : []
      const extra = podQosClass(pod.spec as Pod['spec']) === 'BestEffort' ? more : [...more, memoryPressure]
      if (extra.length > 0)
        pod.spec.tolerations = [...mergedTolerations([...((pod.spec.tolerations ?? []) as Toleration[]), ...extra])]
      check(pod as Pod, namespace)
    },
    async validate(attributes) {
      if (isFor(attributes, 'pods')) check(objectOf<Pod>(attributes) as Pod, await namespaceOf(attributes))
    },
  }
}

/** Undefined: the namespace says nothing. */
function tolerationsIn({ metadata }: Namespace, annotation: string): readonly Toleration[] | undefined {
  const text = metadata.annotations?.[annotation]
  if (text === undefined) return undefined
  if (text === '') return []
  try {
    return JSON.parse(text) as Toleration[]
  } catch (error) {
    throw internalError(error)
  }
}
