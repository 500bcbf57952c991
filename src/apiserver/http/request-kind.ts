import type { ResourceDefinition } from '../../api/definition.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import type { ResourceMap } from '../routing/resource-map.ts'

/** What requests are told apart by in metrics and traces. */
export interface RequestKind {
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly scope: string
  /** Of what is served there; absent: no resource, or none that this server has. */
  readonly definition?: ResourceDefinition
}

/** What {@link requestKindOf} says of it in one text, quickly; of what is not served it is another text each time. */
export function requestKey(info: RequestInfo, contentType: string | undefined): string {
  const { apiGroup, apiVersion, resource, subresource } = info
  return `${verbOf(info, contentType)}/${apiGroup}/${apiVersion}/${resource}/${subresource}/${scopeOf(info)}`
}

/** `info` as one of few kinds: whoever asks for what is not there makes no new one. */
export function requestKindOf(info: RequestInfo, contentType: string | undefined, resources: ResourceMap): RequestKind {
  const verb = verbOf(info, contentType)
  const { apiGroup: group, apiVersion: version, resource, subresource } = info
  const route = info.resourceRequest ? resources.get(group, version, resource) : undefined
  const known =
    route !== undefined &&
    (subresource === '' ||
      route.subresources.has(subresource) ||
      route.connects.has(subresource) ||
      route.definition.subresources.some(({ name }) => name === subresource))
  if (!known) return { verb, group: '', version: '', resource: '', subresource: '', scope: scopeOf(info) }
  return { verb, group, version, resource, subresource, scope: scopeOf(info), definition: route.definition }
}

const verbs: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  post: 'POST',
  put: 'PUT',
  head: 'GET',
}

/** cleanVerb (apiserver pkg/endpoints/metrics/metrics.go) */
function verbOf(info: RequestInfo, contentType: string | undefined): string {
  if (info.resourceRequest && connects.has(info.subresource)) return 'CONNECT'
  if (info.verb === 'patch' && contentType === 'application/apply-patch+yaml') return 'APPLY'
  return Object.hasOwn(verbs, info.verb) ? verbs[info.verb]! : 'other'
}

const connects: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Watches and streams, which have no end of their own (server/filters/longrunning.go). */
export function isLongRunning(info: RequestInfo): boolean {
  if (info.verb === 'watch' || info.verb === 'proxy') return true
  if (info.resourceRequest) return connects.has(info.subresource)
  return info.path.startsWith('/debug/pprof/')
}

/** CleanScope */
export function scopeOf(info: RequestInfo): string {
  if (info.name !== '' || info.verb === 'create') return 'resource'
  if (info.namespace !== '') return 'namespace'
  return info.resourceRequest ? 'cluster' : ''
}
