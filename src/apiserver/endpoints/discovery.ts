import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import { encodeProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import { noSuchPath, PageNotFound } from '../../machinery/errors.ts'
import { type Counter, MetricsRegistry } from '../../machinery/metrics.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import type { Answer } from '../answer.ts'
import { aggregatedDiscovery, documentTag } from '../discovery/aggregated.ts'
import {
  apiGroup,
  apiGroupList,
  apiVersions,
  discoveredGroups,
  withDeclared,
  type DeclaredVersion,
  type DiscoveredGroup,
  type RemoteVersion,
} from '../discovery/groups.ts'
import { apiResourceList } from '../discovery/resource-list.ts'
import { negotiate, type Offer, parseAccept } from '../negotiation/accept.ts'
import { allMediaTypes, type MediaType } from '../negotiation/media-type.ts'
import { checkAccept } from '../negotiation/route-media-types.ts'
import type { ServerRequest } from '../request.ts'
import { onlyRead, type PathRouter } from '../routing/path-router.ts'
import type { ResourceMap } from '../routing/resource-map.ts'
import { taggedAnswer } from './content-answer.ts'

/** No table, no metadata. */
const offer: Offer = { mediaTypes: allMediaTypes, metadataTypes: [] }

/** Throws NotAcceptable. */
function answer({ headers }: ServerRequest, object: object): Answer {
  negotiate(headers.accept, offer)
  return { type: 'object', code: 200, object }
}

/** What other servers serve. */
export interface RemoteDiscovery {
  /** Counts the changes. */
  readonly revision: number
  groupVersions(): readonly RemoteVersion[]
  /** What APIServices say that this server serves, whether it does or not. */
  declared(): readonly DeclaredVersion[]
}
const noRemotes: RemoteDiscovery = { revision: 0, groupVersions: () => [], declared: () => [] }

/** `/api`, `/apis`, and the groups and versions below, from what is served at the moment. */
export function addDiscovery(
  router: PathRouter,
  resources: ResourceMap,
  serverAddress: () => string,
  options: { readonly remotes?: RemoteDiscovery; readonly enabled: FeatureEnabled; readonly metrics?: MetricsRegistry },
): void {
  const { remotes = noRemotes, enabled, metrics = new MetricsRegistry() } = options
  const made = metrics.counter('aggregator_discovery_aggregation_count_total', 'Times that discovery was put together.')
  const documents = new DiscoveryDocuments(resources, remotes, enabled('StorageVersionHash'), made.labels())
  router.add(
    '/api',
    onlyRead(async ({ request }) => {
      checkAccept(request.headers.accept, allMediaTypes)
      const aggregated = await documents.aggregated(request, true)
      return aggregated ?? answer(request, apiVersions(documents.groups(), serverAddress()))
    }),
  )
  router.add('/apis', async ({ request }) => {
    const aggregated = await documents.aggregated(request, false)
    return aggregated ?? answer(request, apiGroupList(documents.listed()))
  })
  router.add('/api/*', (context) => {
    const [, version, ...rest] = context.request.segments
    const found = documents.resources('', version, rest)
    return onlyRead(({ request }) => {
      checkAccept(request.headers.accept, allMediaTypes)
      return answer(request, found)
    })(context)
  })
  router.add('/apis/*', (context) => {
    const [, group = '', version, ...rest] = context.request.segments
    const found = documents.listed().find(({ name }) => name === group)
    if (found === undefined || group === '') throw new PageNotFound()
    const { request } = context
    // The aggregator's own paths, as /apis is: they take any method.
    if (version === undefined) return answer(request, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(found) })
    const document = documents.resources(group, version, rest)
    return onlyRead(() => {
      if (!onlyCustom(found.versions)) checkAccept(request.headers.accept, allMediaTypes)
      return answer(request, document)
    })(context)
  })
}

/** Discovery of what is served, made again only when that has changed. */
class DiscoveryDocuments {
  readonly #resources: ResourceMap
  readonly #remotes: RemoteDiscovery
  readonly #hashes: boolean
  readonly #made: Counter
  #revision = ''
  #groups: readonly DiscoveredGroup[] = []
  readonly #aggregated = new Map<string, { readonly body: Uint8Array; readonly tag: string }>()

  constructor(resources: ResourceMap, remotes: RemoteDiscovery, hashes: boolean, made: Counter) {
    this.#hashes = hashes
    this.#made = made
    this.#resources = resources
    this.#remotes = remotes
  }

  groups(): readonly DiscoveredGroup[] {
    const revision = `${this.#resources.revision} ${this.#remotes.revision}`
    if (this.#revision !== revision) {
      this.#revision = revision
      this.#groups = discoveredGroups(this.#resources.definitions(), this.#remotes.groupVersions())
      this.#aggregated.clear()
    }
    return this.#groups
  }

  /** Those that the list of groups tells of. */
  listed(): readonly DiscoveredGroup[] {
    const declared = this.#remotes.declared()
    return declared.length === 0 ? this.groups() : withDeclared(this.groups(), declared)
  }

  resources(group: string, version: string | undefined, rest: readonly string[]): object {
    const versions = this.groups().find(({ name }) => name === group)?.versions ?? []
    const found = versions.find((each) => each.version === version)
    if (found === undefined || rest.length > 0) throw onlyCustom(versions) ? new PageNotFound() : noSuchPath()
    return apiResourceList(group, found.version, found.definitions, { hashes: this.#hashes })
  }

  /** The aggregated form, when the client prefers it (apiserver pkg/endpoints/discovery/aggregated/wrapper.go). */
  async aggregated(request: ServerRequest, core: boolean): Promise<Answer | undefined> {
    const wanted = wantedForm(request.headers.accept)
    if (wanted === undefined) return undefined
    const groups = this.groups()
    const key = `${core} ${wanted}`
    let made = this.#aggregated.get(key)
    if (made === undefined) {
      this.#made.inc()
      const list = aggregatedDiscovery(groups.filter(({ name }) => (name === '') === core))
      const body = await encoded[wanted](list)
      made = { body, tag: documentTag(body) }
      this.#aggregated.set(key, made)
    }
    const contentType = `${wanted};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`
    return taggedAnswer(request, { ...made, contentType, headers: { vary: 'Accept', 'cache-control': 'public' } })
  }
}

/** Whether custom resources alone make up a group: no route of upstream's leads into it, so that it tells of no path. */
const onlyCustom = (versions: DiscoveredGroup['versions']) =>
  versions.length > 0 &&
  versions.every(
    ({ definitions, remote }) => remote === undefined && definitions.every(({ openApi }) => openApi !== undefined),
  )

const encoded: Readonly<Record<MediaType, (list: object) => Uint8Array | Promise<Uint8Array>>> = {
  'application/json': (list) => Buffer.from(`${goJsonText(list)}\n`),
  'application/yaml': async (list) => {
    const { printYaml } = await import('../../machinery/codec/yaml/print-yaml.ts')
    return Buffer.from(printYaml(list))
  },
  'application/vnd.kubernetes.protobuf': (list) => {
    const schema = schemaOfKind('apidiscovery.k8s.io', 'v2', 'APIGroupDiscoveryList')!
    return encodeProtobuf(normalize(schema, JSON.parse(JSON.stringify(list))) as Record<string, unknown>, schema)
  },
}

/** The aggregated form that the client takes, beside whatever else. */
function wantedForm(accept: string | undefined): MediaType | undefined {
  if (!accept?.includes('apidiscovery.k8s.io')) return undefined
  for (const { type, parameters } of parseAccept(accept)) {
    const { as, g, v } = parameters
    if (g !== 'apidiscovery.k8s.io' || as !== 'APIGroupDiscoveryList' || v !== 'v2') continue
    const found = allMediaTypes.find((each) => each === type || type === '*/*' || type === 'application/*')
    if (found !== undefined) return found
  }
  return undefined
}
