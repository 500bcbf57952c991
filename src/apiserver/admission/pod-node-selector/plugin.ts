import { namespaces } from '../../../api/core/v1/namespace.ts'
import type { Namespace, Pod } from '../../../api/types.generated.ts'
import { forbidden, notFound } from '../../../machinery/errors.ts'
import { labelKey, labelValue } from '../../../machinery/validation/label-names.ts'
import { map, object, string, type ValueOf } from '../../options/config-shape.ts'
import { isFor, objectOf } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

const annotation = 'scheduler.alpha.kubernetes.io/node-selector'

/** Selectors by namespace, and under `clusterDefaultNodeSelector` that of all namespaces without an annotation. */
export const podNodeSelectorShape = object({ podNodeSelectorPluginConfig: map(string) })
export type PodNodeSelectorConfiguration = ValueOf<typeof podNodeSelectorShape>

/** Pods of a namespace run only on the nodes that it may use (plugin/pkg/admission/podnodeselector). */
export function createPodNodeSelector(
  { lister }: Pick<AdmissionServices, 'lister'>,
  { podNodeSelectorPluginConfig: selectors }: PodNodeSelectorConfiguration = { podNodeSelectorPluginConfig: {} },
): AdmissionPlugin {
  function check(attributes: AdmissionAttributes, namespace: Namespace): Readonly<Record<string, string>> {
    const pod = objectOf<Pod>(attributes)
    const refuse = (why: string) => forbidden(attributes.resource, pod.metadata.name ?? '', why)
    const wanted = selectorMap(namespace.metadata.annotations?.[annotation] ?? selectors['clusterDefaultNodeSelector'])
    const own = pod.spec.nodeSelector ?? {}
    if (Object.keys(wanted).some((key) => own[key] !== undefined && own[key] !== wanted[key]))
      throw refuse('pod node label selector conflicts with its namespace node label selector')
    const merged = { ...wanted, ...own }
    const allowed = selectorMap(selectors[attributes.namespace])
    if (Object.keys(allowed).length > 0 && Object.entries(merged).some(([key, value]) => allowed[key] !== value))
      throw refuse('pod node label selector labels conflict with its namespace whitelist')
    return merged
  }
  async function withNamespace<T>(attributes: AdmissionAttributes, use: (namespace: Namespace) => T): Promise<T> {
    const { namespace: name } = attributes
    const found = lister.get(namespaces, '', name) ?? (await lister.getLive(namespaces, '', name))
    if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, name)
    return use(found)
  }
  return {
    name: 'PodNodeSelector',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods')) return
      return withNamespace(attributes, (namespace) => {
        const merged = check(attributes, namespace)
        if (Object.keys(merged).length > 0) objectOf<Pod>(attributes).spec.nodeSelector = { ...merged }
      })
    },
    validate(attributes) {
      if (!isFor(attributes, 'pods')) return
      return withNamespace(attributes, (namespace) => void check(attributes, namespace))
    },
  }
}

/** `a=b,c=d` (apimachinery pkg/labels ConvertSelectorToLabelsMap). */
function selectorMap(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const parts = pair.split('=').map((part) => part.trim())
      const [key = '', value = ''] = parts
      if (parts.length !== 2) throw new Error(`invalid selector: ${JSON.stringify(text)}`)
      const faults = [...labelKey(key), ...labelValue(value)]
      if (faults.length > 0) throw new Error(`invalid label in selector ${JSON.stringify(text)}: ${faults.join('; ')}`)
      return [key, value]
    }),
  )
}
