import type { ResourceDefinition, SubresourceDefinition } from '../../api/definition.ts'
import { factsOfKind } from '../../api/schema/facts.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'

/** One operation of the API, in terms that both OpenAPI versions are written from (apiserver pkg/endpoints/installer.go). */
export interface Operation {
  readonly path: string
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options'
  /** x-kubernetes-action. */
  readonly action: string
  readonly operationId: string
  readonly tag: string
  readonly gvk: GroupVersionKind
  readonly description: string
  /** Names of the query's parameters (parameters.ts). */
  readonly query: readonly string[]
  readonly body?: 'object' | 'patch' | 'deleteOptions'
  /** The kind that the body and the answer are of; undefined: a stream or text. */
  readonly kind?: GroupVersionKind
  /** The kind of the collection, where `answer` is one. */
  readonly listKind: GroupVersionKind
  /** The answer, when it is not an object of `kind`. */
  readonly answer?: 'list' | 'status' | 'watchEvent' | 'text' | 'stream'
  readonly codes: readonly number[]
  readonly protobuf: boolean
  /** How a custom resource is patched: without strategic merge. */
  readonly custom: boolean
}

const listQuery = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
]
const deleteQuery = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
]
const writeQuery = ['dryRun', 'fieldManager', 'fieldValidation']
const logQuery = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
]
/** Options of the connecting subresources (core/v1 PodExecOptions and its like). */
const connectQuery: Readonly<Record<string, readonly string[]>> = {
  PodAttachOptions: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  PodExecOptions: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  PodPortForwardOptions: ['ports'],
  PodProxyOptions: ['path'],
  ServiceProxyOptions: ['path'],
  NodeProxyOptions: ['path'],
}

/** All operations of a resource and its subresources. */
export function operationsOf(definition: ResourceDefinition): Operation[] {
  return new OperationBuilder(definition).build()
}

/** `CoreV1`, `RbacAuthorizationV1`; with `camel`: `core_v1`, `rbacAuthorization_v1`. */
export function groupVersionName(group: string, version: string): { pascal: string; tag: string } {
  const parts = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split('.')
  const upper = parts.map(capital).join('')
  return { pascal: upper + capital(version), tag: `${upper[0]!.toLowerCase()}${upper.slice(1)}_${version}` }
}

export function capital(text: string): string {
  return text === '' ? '' : text[0]!.toUpperCase() + text.slice(1)
}

class OperationBuilder {
  readonly #definition: ResourceDefinition
  readonly #prefix: string
  readonly #names: { pascal: string; tag: string }
  readonly #operations: Operation[] = []

  constructor(definition: ResourceDefinition) {
    this.#definition = definition
    const { group, version } = definition
    this.#prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    this.#names = groupVersionName(group, version)
  }

  build(): Operation[] {
    const { verbs, namespaced, resource, subresources } = this.#definition
    const scope = namespaced ? '/namespaces/{namespace}' : ''
    const collection = `${this.#prefix}${scope}/${resource}`
    const has = (verb: (typeof verbs)[number]) => verbs.includes(verb)
    if (has('list')) this.#list(collection)
    if (has('create'))
      this.#add(collection, 'post', 'post', 'create', { query: writeQuery, body: 'object', codes: [200, 201, 202] })
    if (has('deletecollection')) this.#deleteCollection(collection)
    const item = `${collection}/{name}`
    if (has('get')) this.#add(item, 'get', 'get', 'read', {})
    if (has('update'))
      this.#add(item, 'put', 'put', 'replace', { query: writeQuery, body: 'object', codes: [200, 201] })
    if (has('patch')) this.#patch(item)
    if (has('delete')) this.#delete(item)
    if (has('watch')) this.#watch(item)
    for (const subresource of subresources) this.#subresource(item, subresource)
    return this.#operations
  }

  #list(collection: string): void {
    const { namespaced, resource } = this.#definition
    const options = { query: listQuery, answer: 'list' } as const
    this.#add(collection, 'get', 'list', 'list', options)
    if (namespaced) {
      this.#add(`${this.#prefix}/${resource}`, 'get', 'list', 'list', { ...options, everywhere: true })
    }
  }

  /** Watches below `/watch`, which are deprecated and served nevertheless. */
  #watch(item: string): void {
    const { namespaced, resource } = this.#definition
    const watched = (path: string) => path.replace(this.#prefix, `${this.#prefix}/watch`)
    const options = { query: listQuery, answer: 'watchEvent' } as const
    this.#add(watched(item.slice(0, -'/{name}'.length)), 'get', 'watchlist', 'watch', { ...options, suffix: 'List' })
    if (namespaced) {
      this.#add(watched(`${this.#prefix}/${resource}`), 'get', 'watchlist', 'watch', {
        ...options,
        suffix: 'List',
        everywhere: true,
      })
    }
    if (this.#definition.verbs.includes('get')) this.#add(watched(item), 'get', 'watch', 'watch', options)
  }

  #deleteCollection(collection: string): void {
    const list = listQuery.filter((name) => name !== 'allowWatchBookmarks' && name !== 'watch')
    this.#add(collection, 'delete', 'deletecollection', 'delete', {
      query: [...deleteQuery, ...list],
      body: 'deleteOptions',
      answer: 'status',
      infix: 'Collection',
    })
  }

  #delete(item: string): void {
    const { group, version, kind } = this.#definition
    const answer = factsOfKind(group, version, kind)?.returnsDeleted ? undefined : ('status' as const)
    this.#add(item, 'delete', 'delete', 'delete', {
      query: deleteQuery,
      body: 'deleteOptions',
      answer,
      codes: [200, 202],
    })
  }

  #patch(path: string, subresource?: SubresourceDefinition): void {
    const query = [...writeQuery, 'force']
    this.#add(path, 'patch', 'patch', 'patch', { query, body: 'patch', codes: [200, 201], subresource })
  }

  #subresource(item: string, subresource: SubresourceDefinition): void {
    const path = `${item}/${subresource.name}`
    const { verbs } = subresource
    const options = connectQuery[subresource.kind]
    if (options) {
      this.#connect(path, subresource, options)
      return
    }
    if (subresource.name === 'log') {
      this.#add(path, 'get', 'get', 'read', { subresource, query: logQuery, answer: 'text' })
      return
    }
    if (verbs.includes('get')) this.#add(path, 'get', 'get', 'read', { subresource })
    if (verbs.includes('create')) {
      this.#add(path, 'post', 'post', 'create', {
        subresource,
        query: writeQuery,
        body: 'object',
        codes: [200, 201, 202],
      })
    }
    if (verbs.includes('update')) {
      this.#add(path, 'put', 'put', 'replace', { subresource, query: writeQuery, body: 'object', codes: [200, 201] })
    }
    if (verbs.includes('patch')) this.#patch(path, subresource)
  }

  #connect(path: string, subresource: SubresourceDefinition, query: readonly string[]): void {
    const proxies = subresource.name === 'proxy'
    const methods = proxies
      ? (['get', 'post', 'put', 'delete', 'patch', 'head', 'options'] as const)
      : (['get', 'post'] as const)
    for (const method of methods) {
      const options = { subresource, query, answer: 'stream', method } as const
      this.#add(path, method, 'connect', 'connect', options)
      if (proxies) this.#add(`${path}/{path}`, method, 'connect', 'connect', { ...options, suffix: 'WithPath' })
    }
  }

  #add(path: string, method: Operation['method'], action: string, verb: string, more: More): void {
    const { group, version, kind, listKind, protobuf, openApi } = this.#definition
    const { query = [], codes = [200], subresource, everywhere, suffix = '', infix = '' } = more
    const namespaced = path.includes('{namespace}') ? 'Namespaced' : ''
    const sub = subresource ? capital(subresource.name) : ''
    const connect = action === 'connect' ? capital(method) : ''
    const operationId = `${verb}${this.#names.pascal}${connect}${infix}${namespaced}${kind}${sub}${suffix}${everywhere ? 'ForAllNamespaces' : ''}`
    const gvk = subresource
      ? { group: subresource.group, version: subresource.version, kind: subresource.kind }
      : { group, version, kind }
    const prettyToo = action === 'connect' ? query : [...query, 'pretty']
    this.#operations.push({
      path,
      method,
      action,
      operationId,
      tag: this.#names.tag,
      gvk,
      description: describe(action, kind, subresource),
      query: [...prettyToo].sort(),
      body: more.body,
      kind: more.answer === 'text' || more.answer === 'stream' ? undefined : gvk,
      listKind: { group, version, kind: listKind },
      answer: more.answer,
      codes,
      protobuf,
      custom: openApi !== undefined,
    })
  }
}

interface More {
  readonly query?: readonly string[]
  readonly body?: Operation['body']
  readonly answer?: Operation['answer']
  readonly codes?: readonly number[]
  readonly subresource?: SubresourceDefinition
  readonly everywhere?: boolean
  readonly suffix?: string
  readonly infix?: string
}

function describe(action: string, kind: string, subresource: SubresourceDefinition | undefined): string {
  const of = subresource ? `${subresource.name} of ` : ''
  return `${action} ${of}${kind}`
}
