import { managedLabel } from './local-api-services.ts'
import type { DeclaredVersion } from '../discovery/groups.ts'
import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { APIService } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import { formatTime, type Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import { isReason } from '../../machinery/errors.ts'
import { isObject, jsonEqual, type JsonObject } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import { connectionText } from '../../machinery/connection-text.ts'
import type { Lister } from '../lister.ts'
import type { PathHandler } from '../routing/path-router.ts'
import { type Availability, failedDiscovery, local, passed, serviceFault, withAvailability } from './availability.ts'
import { proxyTo } from './proxy.ts'
import { aggregatorUser, bodyOf, RemoteApi, type ClientCertificate, type ResolveEndpoint } from './remote-api.ts'
import { readOpenApi, type RemoteOpenApi } from './remote-open-api.ts'

/** What discovery tells of a group version that another server serves. */
export interface RemoteGroupVersion {
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  /** Whether the resources are those that its server names now. */
  readonly current: boolean
  /** metav1.APIResource of each, subresources among them. */
  readonly resources: readonly JsonObject[]
  readonly openApi: RemoteOpenApi
}

export interface RemoteApisOptions {
  readonly lister: Lister
  /** By which other servers know that it is this server that asks. */
  readonly certificate: () => ClientCertificate
  readonly resolve: ResolveEndpoint
  readonly clock: Clock
  readonly log: Logger
}

class BadStatus extends Error {}

const resyncMs = 30_000
const checkTimeoutMs = 5000

interface Known {
  readonly resources: readonly JsonObject[]
  readonly openApi: RemoteOpenApi
}
const nothing: Known = { resources: [], openApi: {} }

/**
 * The group versions that other servers serve: follows their APIServices, tells in them whether they can be reached
 * (kube-aggregator pkg/controllers/status/remote), and keeps what they publish of themselves.
 */
export class RemoteApis implements Component {
  readonly name = 'remote-apis'
  readonly #options: RemoteApisOptions
  readonly #queue: WorkQueue<string>
  readonly #apis = new Map<string, RemoteApi>()
  readonly #known = new Map<string, Known>()
  /** What people say that this server serves. */
  readonly #declared = new Map<string, APIService>()
  readonly #stopping = new AbortController()
  #client: Client | undefined
  #stops: (() => void)[] = []
  #workers: Promise<void>[] = []
  /** Counts the changes, for what is derived from them. */
  revision = 0

  constructor(options: RemoteApisOptions) {
    this.#options = options
    this.#queue = new WorkQueue<string>({ clock: options.clock })
  }

  /** Who answers for this path; undefined: this server itself. */
  find(segments: readonly string[]): PathHandler | undefined {
    if (this.#apis.size === 0) return undefined
    const [prefix, first = '', second] = segments
    if (prefix === 'openapi' && first === 'v3') {
      const api = this.#of(segments.slice(2))
      return api === undefined || segments.length !== (segments[2] === 'api' ? 4 : 5)
        ? undefined
        : (context) => proxyTo(api, context)
    }
    const api = this.#of([prefix ?? '', first, second ?? ''])
    return api && ((context) => proxyTo(api, context))
  }

  #of([prefix, first = '', second = '']: readonly string[]): RemoteApi | undefined {
    if (prefix === 'api') return this.#apis.get(`${first}.`)
    return prefix === 'apis' && second !== '' ? this.#apis.get(`${second}.${first}`) : undefined
  }

  groupVersions(): readonly RemoteGroupVersion[] {
    return [...this.#apis].map(([name, api]) => ({
      group: api.group,
      version: api.version,
      groupPriority: api.definition.spec.groupPriorityMinimum,
      versionPriority: api.definition.spec.versionPriority,
      current: api.available && this.#known.has(name),
      ...(this.#known.get(name) ?? nothing),
    }))
  }

  declared(): readonly DeclaredVersion[] {
    return [...this.#declared.values()].map(({ spec }) => ({
      group: spec.group ?? '',
      version: spec.version ?? '',
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
    }))
  }

  /** The document of OpenAPI v2 of a server that answers for this group version. */
  async openApiV2(group: string, version: string): Promise<JsonObject | undefined> {
    const api = this.#apis.get(`${version}.${group}`)
    if (!api?.available) return undefined
    const document = await this.#read(api, '/openapi/v2')
    return isObject(document) ? (document as JsonObject) : undefined
  }

  /** The server writes as itself: `client`. */
  connect(client: Client): void {
    this.#client = client
  }

  async start(): Promise<void> {
    const { lister, clock } = this.#options
    const ofService = (namespace: string | undefined, name: string | undefined) => {
      for (const [key, { service }] of this.#apis)
        if (service.namespace === namespace && service.name === name) this.#queue.add(key)
    }
    this.#stops = [
      lister.watch(apiServices, ({ type, object, old }) => this.#follow(type, object, old)),
      lister.watch(services, ({ object: { metadata } }) => ofService(metadata.namespace, metadata.name)),
      lister.watch(endpointSlices, ({ object: { metadata } }) =>
        ofService(metadata.namespace, metadata.labels?.['kubernetes.io/service-name']),
      ),
    ]
    let cancel = () => {}
    const resync = () => {
      for (const key of this.#apis.keys()) this.#queue.add(key)
      cancel = clock.after(resyncMs, resync)
    }
    cancel = clock.after(resyncMs, resync)
    this.#stops.push(() => cancel())
    this.#workers = [this.#work(), this.#work(), this.#work()]
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    for (const stop of this.#stops) stop()
    this.#queue.close()
    for (const api of this.#apis.values()) api.close()
    await Promise.all(this.#workers)
  }

  #follow(type: 'added' | 'modified' | 'deleted', definition: APIService, old: APIService | undefined): void {
    const name = definition.metadata.name ?? ''
    const before = this.#apis.get(name)
    const gone = type === 'deleted' || !definition.spec.service
    if (gone) {
      this.#apis.delete(name)
      this.#known.delete(name)
    } else {
      this.#apis.set(name, new RemoteApi(definition, this.#options))
    }
    const declares = type !== 'deleted' && gone && definition.metadata.labels?.[managedLabel] === undefined
    const declared = this.#declared.delete(name)
    if (declares) this.#declared.set(name, definition)
    if (before !== undefined || !gone || declared || declares) this.revision++
    // Requests under way go on over the agent of before; it closes when they are done.
    if (before !== undefined) this.#options.clock.after(resyncMs, () => before.close())
    if (type !== 'deleted' && (old === undefined || !jsonEqual(old.spec, definition.spec))) this.#queue.add(name)
  }

  async #work(): Promise<void> {
    for (let name = await this.#queue.next(); name !== undefined; name = await this.#queue.next()) {
      try {
        if (await this.#sync(name)) this.#queue.forget(name)
        else this.#queue.addRateLimited(name)
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        if (!isReason(error, 'NotFound', 'Conflict'))
          this.#options.log.warn('an APIService could not be checked', { name, error })
        this.#queue.addRateLimited(name)
      } finally {
        this.#queue.done(name)
      }
    }
  }

  /** False: to be tried again soon. */
  async #sync(name: string): Promise<boolean> {
    const definition = this.#options.lister.get(apiServices, '', name)
    if (definition === undefined) return true
    const api = this.#apis.get(name)
    if (api === undefined) {
      await this.#tell(definition, local)
      return true
    }
    const availability = await this.#check(api)
    await this.#tell(definition, availability)
    return availability.status === 'True' || availability.reason !== 'FailedDiscoveryCheck'
  }

  async #check(api: RemoteApi): Promise<Availability> {
    const { lister } = this.#options
    const { service } = api
    const slices = lister
      .list(endpointSlices, service.namespace)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.name)
    const fault = serviceFault(service, lister.get(services, service.namespace, service.name), slices)
    if (fault !== undefined) return fault
    let found: unknown
    try {
      found = await this.#read(api, api.path)
    } catch (error) {
      return failedDiscovery((error as Error).message)
    }
    const resources = isObject(found) && Array.isArray(found['resources']) ? (found['resources'] as JsonObject[]) : []
    const openApi = await readOpenApi((path) => this.#read(api, path), api.path)
    const name = api.definition.metadata.name ?? ''
    const before = this.#known.get(name)
    const known: Known = { resources, openApi }
    if (this.#apis.has(name) && !jsonEqual(before, known)) {
      this.#known.set(name, known)
      this.revision++
    }
    return passed
  }

  /** A document of another server. Throws Error with upstream's words. */
  async #read(api: RemoteApi, path: string): Promise<unknown> {
    const { url: target, tls } = api.target(path)
    const url = target.href
    const late = new AbortController()
    const cancel = this.#options.clock.after(checkTimeoutMs, () => late.abort())
    try {
      const signal = AbortSignal.any([this.#stopping.signal, late.signal])
      const headers = { accept: 'application/json', 'user-agent': 'kube-aggregator' }
      const answer = await api.ask({ method: 'GET', target: path, headers, user: aggregatorUser, signal })
      const code = answer.statusCode ?? 0
      const body = await bodyOf(answer)
      if (code < 200 || code >= 300) throw new BadStatus(`bad status from ${url}: ${code}`)
      return JSON.parse(body.toString('utf8')) as unknown
    } catch (error) {
      const why = late.signal.aborted
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : connectionText(error, target.host, tls?.servername ?? target.hostname)
      const text = error instanceof BadStatus ? error.message : `Get "${url}": ${why}`
      throw new Error(`failing or missing response from ${url}: ${text}`, { cause: error })
    } finally {
      cancel()
    }
  }

  async #tell(definition: APIService, availability: Availability): Promise<void> {
    const now = formatTime(this.#options.clock.now())
    const conditions = withAvailability(definition.status?.conditions, availability, now)
    if (conditions === undefined) return
    await this.#client?.update(
      apiServices,
      { ...definition, status: { ...definition.status, conditions } },
      { subresource: 'status' },
    )
  }
}
