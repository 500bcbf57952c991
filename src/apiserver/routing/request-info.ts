import type { Query } from './query.ts'

/** What a request's method and path say of it (apiserver pkg/endpoints/request/requestinfo.go). */
export interface RequestInfo {
  readonly resourceRequest: boolean
  readonly path: string
  /** `get`, `list`, `watch`, `create`, …; for other paths the lower-case method. */
  readonly verb: string
  /** `api` or `apis`. */
  readonly apiPrefix: string
  readonly apiGroup: string
  readonly apiVersion: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** From the resource on: `pods`, `name`, `proxy`, `rest`, `of`, `path`. */
  readonly parts: readonly string[]
  /** Unparsed; only where the verb honours selectors. */
  readonly fieldSelector: string
  readonly labelSelector: string
  /** The deprecated form `/api/v1/watch/…`, which makes a GET of one name or a collection a watch. */
  readonly watchByPath: boolean
  /** How many segments of the path precede `parts`. */
  readonly partsAt: number
}

const methodVerbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

export function parseRequestInfo(method: string, path: string, segments: readonly string[], query: Query): RequestInfo {
  const plain: RequestInfo = {
    resourceRequest: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    apiGroup: '',
    apiVersion: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts: [],
    fieldSelector: '',
    labelSelector: '',
    watchByPath: false,
    partsAt: 0,
  }
  const apiPrefix = segments[0]
  if (segments.length < 3 || (apiPrefix !== 'api' && apiPrefix !== 'apis')) return plain
  let at = 1
  let apiGroup = ''
  if (apiPrefix === 'apis') {
    if (segments.length < 4) return plain
    apiGroup = segments[at++]!
  }
  const apiVersion = segments[at++]!
  let verb = methodVerbs[method] ?? ''
  const special = segments[at] === 'watch' || segments[at] === 'proxy'
  if (special) {
    // Upstream: "unable to determine kind and namespace from url"; the path then names no resource.
    if (segments.length - at < 2) return { ...plain, apiPrefix, apiGroup, apiVersion }
    verb = segments[at++]!
  }
  let namespace = ''
  if (segments[at] === 'namespaces' && at + 1 < segments.length) {
    namespace = segments[at + 1]!
    const next = segments[at + 2]
    if (next !== undefined && next !== 'status' && next !== 'finalize') at += 2
  }
  const parts = segments.slice(at)
  const resource = parts[0] ?? ''
  let name = parts[1] ?? ''
  const subresource = parts.length >= 3 && verb !== 'proxy' ? parts[2]! : ''
  if (name === '' && verb === 'get') {
    verb = isTrue(query.get('watch')) ? 'watch' : 'list'
    name = nameOfFieldSelector(query.get('fieldSelector') ?? '')
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection'
  const selects = !special && (verb === 'list' || verb === 'watch' || verb === 'deletecollection')
  return {
    resourceRequest: true,
    path,
    verb,
    apiPrefix,
    apiGroup,
    apiVersion,
    namespace,
    resource,
    subresource,
    name,
    parts,
    fieldSelector: (selects && query.get('fieldSelector')) || '',
    labelSelector: (selects && query.get('labelSelector')) || '',
    watchByPath: special && verb === 'watch',
    partsAt: at,
  }
}

/** Go's conversion of a query value to bool (runtime.Convert_Slice_string_To_bool). */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value.toLowerCase() !== 'false'
}

/** A name that a field selector demands makes the request one for that name (RequiresExactMatch). */
function nameOfFieldSelector(selector: string): string {
  if (!selector.includes('metadata.name')) return ''
  for (const term of selector.split(',')) {
    const match = /^metadata\.name={1,2}(.*)$/.exec(term.trim())
    const name = match?.[1]
    if (name && name !== '.' && name !== '..' && !/[/%]/.test(name)) return name
  }
  return ''
}
