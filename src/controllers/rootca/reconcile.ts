import { configMaps } from '../../api/core/v1/config-map.ts'
import type { Namespace } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Plan } from '../runtime/plan.ts'

export const rootCaName = 'kube-root-ca.crt'
const descriptionAnnotation = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Every namespace has the ConfigMap kube-root-ca.crt (pkg/controller/certificates/rootcacertpublisher). */
export function reconcile({ object: namespace, view }: Observed<Namespace>, rootCa: string | undefined): Plan {
  const { name = '' } = namespace.metadata
  if (rootCa === undefined || namespace.status?.phase !== 'Active') return {}
  const data = { 'ca.crt': rootCa }
  const present = view(configMaps).get(`${name}/${rootCaName}`)
  const annotations = { ...present?.metadata.annotations, [descriptionAnnotation]: description }
  if (present === undefined) {
    const metadata = { name: rootCaName, namespace: name, annotations }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    const ignore = (error: Error) => isNamespaceTerminating(error) || isReason(error, 'NotFound')
    return { steps: [{ do: 'create', ref: configMaps, object, ignore }] }
  }
  if (jsonEqual(present.data, data) && present.metadata.annotations?.[descriptionAnnotation]) return {}
  const object = { ...present, metadata: { ...present.metadata, annotations }, data }
  return { steps: [{ do: 'update', ref: configMaps, object }] }
}
