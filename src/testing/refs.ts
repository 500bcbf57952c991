import type { ResourceRef } from '../api/definition.ts'
import { kinds } from '../api/kinds.ts'
import type { Client } from '../client/client.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/** The kinds that tests deal with most; each knows the type of its objects. */
export { daemonSets } from '../api/apps/v1/daemon-set.ts'
export { deployments } from '../api/apps/v1/deployment.ts'
export { replicaSets } from '../api/apps/v1/replica-set.ts'
export { statefulSets } from '../api/apps/v1/stateful-set.ts'
export { cronJobs } from '../api/batch/v1/cron-job.ts'
export { jobs } from '../api/batch/v1/job.ts'
export { configMaps } from '../api/core/v1/config-map.ts'
export { events } from '../api/core/v1/event.ts'
export { namespaces } from '../api/core/v1/namespace.ts'
export { nodes } from '../api/core/v1/node.ts'
export { persistentVolumeClaims } from '../api/core/v1/persistent-volume-claim.ts'
export { pods } from '../api/core/v1/pod.ts'
export { secrets } from '../api/core/v1/secret.ts'
export { serviceAccounts } from '../api/core/v1/service-account.ts'
export { services } from '../api/core/v1/service.ts'
export { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
export { ingresses } from '../api/networking/v1/ingress.ts'

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/** The collection of a kind, custom ones included. Throws an Error when the cluster serves none. */
export async function refOf(client: Client, { apiVersion, kind }: KubeObject): Promise<ResourceRef> {
  const [version = '', group = ''] = (apiVersion ?? '').split('/').toReversed()
  const known = kinds.find((one) => one.kind === kind && one.group === group && one.version === version)
  if (known !== undefined) return known
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const { body } = await client.transport.request({ method: 'GET', path })
  const found = (body as ResourceList).resources?.find((one) => one.kind === kind && !one.name.includes('/'))
  if (found === undefined) throw new Error(`the cluster serves no ${kind} of ${apiVersion}`)
  return { group, version, kind: found.kind, resource: found.name, namespaced: found.namespaced }
}
