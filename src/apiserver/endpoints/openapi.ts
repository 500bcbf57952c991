import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { upstreamVersion } from '../../api/schema/facts.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { JsonObject } from '../../machinery/json.ts'
import type { RawAnswer } from '../answer.ts'
import { documentTag } from '../discovery/aggregated.ts'
import { discoveredGroups } from '../discovery/groups.ts'
import { openApiV2, openApiV3 } from '../openapi/document.ts'
import { mergeOpenApiV2 } from '../openapi/merge.ts'
import { type PlainPath, plainPathsOf } from '../openapi/plain-paths.ts'
import { withOwnParameters, withSharedParameters } from '../openapi/shared-parameters.ts'
import type { ServerRequest } from '../request.ts'
import type { PathRouter } from '../routing/path-router.ts'
import { parseAccept } from '../negotiation/accept.ts'
import type { ResourceMap } from '../routing/resource-map.ts'
import { contentAnswer } from './content-answer.ts'

/** What other servers publish of their group versions. */
export interface RemoteOpenApis {
  /** Counts the changes. */
  readonly revision: number
  groupVersions(): readonly {
    readonly group: string
    readonly version: string
    readonly openApi: { readonly hash?: string }
  }[]
  /** The whole document of the server behind this group version; undefined: none can be had. */
  openApiV2(group: string, version: string): Promise<JsonObject | undefined>
}
const noRemotes: RemoteOpenApis = { revision: 0, groupVersions: () => [], openApiV2: async () => undefined }

/** `/openapi/v2`, `/openapi/v3` and the documents below it (kube-openapi pkg/handler, pkg/handler3). */
export function addOpenApi(
  router: PathRouter,
  resources: ResourceMap,
  clock: Clock,
  { remotes = noRemotes, enabled }: { readonly remotes?: RemoteOpenApis; readonly enabled: FeatureEnabled },
): void {
  const documents = new OpenApiDocuments(resources, clock, remotes, enabled('OpenAPIEnums'))
  router.add('/openapi/v2', async ({ request }) => {
    const form = formOf('v2', request.headers.accept)
    const headers = { vary: ['Accept-Encoding', 'Accept'] }
    if (form === undefined) return { ...notAcceptable, headers }
    const body = await documents.v2(form)
    const { tag, changedAt: modifiedAt } = documents.all()
    const content = { body, tag, modifiedAt, contentType: form.contentType, headers }
    return { ...contentAnswer(request, content), compressed: true }
  })
  router.add('/openapi/v3', ({ request }) => {
    const body = documents.index()
    return contentAnswer(request, { body, modifiedAt: clock.now(), contentType: 'text/plain; charset=utf-8' })
  })
  router.add('/openapi/v3/*', ({ request }) => groupVersion(documents, request, clock))
}

const vary = { vary: 'Accept' }
const notAcceptable: RawAnswer = { type: 'raw', code: 406, contentType: undefined, body: '' }
const notThere: RawAnswer = { type: 'raw', code: 404, contentType: undefined, body: '' }
const yearMs = 365 * 24 * 3600 * 1000

async function groupVersion(documents: OpenApiDocuments, request: ServerRequest, clock: Clock): Promise<RawAnswer> {
  const path = request.segments.slice(2).join('/')
  const part = documents.groupVersion(path)
  if (part === undefined) return notThere
  const { tag, changedAt: modifiedAt } = part
  const form = formOf('v3', request.headers.accept)
  if (form === undefined) return { ...notAcceptable, headers: vary }
  const hash = request.query.get('hash')
  if (hash && hash !== tag) {
    const headers = { ...vary, etag: `"${tag}"`, location: relativeUrl(path, tag) }
    return { type: 'raw', code: 301, contentType: form.contentType, headers, body: '' }
  }
  // A document that is asked for by its hash never changes.
  const lasting: Record<string, string> = hash
    ? { 'cache-control': 'public, immutable', expires: new Date(clock.now() + yearMs).toUTCString() }
    : {}
  const body = await documents.v3(path, form)
  const headers = { ...vary, ...lasting }
  return contentAnswer(request, { body, tag, modifiedAt, contentType: form.contentType, headers })
}

function relativeUrl(path: string, tag: string): string {
  return `/openapi/v3/${path}?hash=${tag}`
}

const keptMs = 300_000

interface Part {
  readonly tag: string
  readonly changedAt: number
  readonly definitions: readonly ResourceDefinition[]
  readonly plain?: readonly PlainPath[]
}

/** The documents of what is served; each is made when it is asked for, and what makes protobuf is loaded then. */
class OpenApiDocuments {
  readonly #resources: ResourceMap
  readonly #clock: Clock
  readonly #made = new Map<string, { bytes: Promise<Uint8Array>; forget: () => void }>()
  readonly #remotes: RemoteOpenApis
  readonly #enums: boolean
  #revision = ''
  #all: Part = { tag: '', changedAt: 0, definitions: [] }
  #byPath: ReadonlyMap<string, Part> = new Map()

  constructor(resources: ResourceMap, clock: Clock, remotes: RemoteOpenApis, enums: boolean) {
    this.#enums = enums
    this.#resources = resources
    this.#clock = clock
    this.#remotes = remotes
  }

  /** Tags come from what a document is made of, so that none is made only to be named. */
  #current(): { readonly all: Part; readonly byPath: ReadonlyMap<string, Part> } {
    const revision = `${this.#resources.revision} ${this.#remotes.revision}`
    if (this.#revision !== revision) {
      this.#revision = revision
      const definitions = this.#resources.definitions()
      const byPath = new Map<string, Part>()
      const builtIn = definitions.filter(({ openApi }) => openApi === undefined).map(({ group }) => group)
      for (const plain of plainPathsOf([...new Set(builtIn)])) {
        const path = plain.path.slice(1, -1)
        const tag = documentTag(JSON.stringify([upstreamVersion, plain]))
        byPath.set(path, { ...this.#dated(path, tag, []), plain: [plain] })
      }
      for (const { name, versions } of discoveredGroups(definitions)) {
        for (const each of versions) {
          const path = name === '' ? `api/${each.version}` : `apis/${name}/${each.version}`
          byPath.set(path, this.#part(path, each.definitions))
        }
      }
      // Documents of others come as they are, from their servers.
      const hashes: string[] = []
      for (const { group, version, openApi } of this.#remotes.groupVersions()) {
        const path = group === '' ? `api/${version}` : `apis/${group}/${version}`
        byPath.delete(path)
        if (openApi.hash !== undefined) byPath.set(path, this.#dated(path, openApi.hash, []))
        hashes.push(`${path} ${openApi.hash ?? ''}`)
      }
      this.#all = this.#part('', definitions, hashes)
      this.#byPath = byPath
    }
    return { all: this.#all, byPath: this.#byPath }
  }

  /** Documents are large and seldom read: they are forgotten when nobody has asked for a while. */
  #kept(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#made.get(key)
    known?.forget()
    const bytes = known?.bytes ?? make()
    bytes.catch(() => this.#made.delete(key))
    this.#made.set(key, { bytes, forget: this.#clock.after(keptMs, () => this.#made.delete(key)) })
    return bytes
  }

  #part(path: string, definitions: readonly ResourceDefinition[], hashes: readonly string[] = []): Part {
    return this.#dated(path, tagOf(definitions, hashes), definitions)
  }

  /** What has the same tag has not changed. */
  #dated(path: string, tag: string, definitions: readonly ResourceDefinition[]): Part {
    const before = path === '' ? this.#all : this.#byPath.get(path)
    return { tag, changedAt: before?.tag === tag ? before.changedAt : this.#clock.now(), definitions }
  }

  all(): Part {
    return this.#current().all
  }

  groupVersion(path: string): Part | undefined {
    return this.#current().byPath.get(path)
  }

  index(): Uint8Array {
    const paths = [...this.#current().byPath].sort(([a], [b]) => (a < b ? -1 : 1))
    const entries = paths.map(([path, { tag }]) => [path, { serverRelativeURL: relativeUrl(path, tag) }])
    return Buffer.from(JSON.stringify({ paths: Object.fromEntries(entries) }))
  }

  v2({ protobuf }: Form): Promise<Uint8Array> {
    const { tag, definitions } = this.#current().all
    return this.#kept(`${tag} ${protobuf}`, async () => {
      let document = openApiV2(definitions, this.#enums)
      for (const { group, version } of this.#remotes.groupVersions()) {
        const remote = await this.#remotes.openApiV2(group, version).catch(() => undefined)
        if (remote !== undefined)
          document = mergeOpenApiV2(document, withOwnParameters(remote), `/apis/${group}/${version}/`)
      }
      document = withSharedParameters(document)
      if (!protobuf) return Buffer.from(JSON.stringify(document))
      const { gnosticV2 } = await import('../openapi/gnostic-v2.ts')
      return gnosticV2(document)
    })
  }

  v3(path: string, { protobuf }: Form): Promise<Uint8Array> {
    const { tag, definitions, plain } = this.#current().byPath.get(path)!
    return this.#kept(`${tag} ${protobuf}`, async () => {
      const document = openApiV3(definitions, plain, this.#enums)
      if (!protobuf) return Buffer.from(JSON.stringify(document))
      const { gnosticV3 } = await import('../openapi/gnostic-v3.ts')
      return gnosticV3(document)
    })
  }
}

function tagOf(definitions: readonly ResourceDefinition[], more: readonly string[]): string {
  const facts = definitions.map(({ group, version, kind, verbs, subresources, openApi }) => {
    return [group, version, kind, verbs, subresources, openApi]
  })
  return documentTag(JSON.stringify([upstreamVersion, facts, ...more]))
}

/** How a document is sent. */
interface Form {
  readonly protobuf: boolean
  readonly contentType: string
}

/** The first of the client's wishes that can be met; undefined: none. */
function formOf(version: 'v2' | 'v3', accept: string | undefined): Form | undefined {
  const protobuf = `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`
  // The old name has an @, which media types must not have.
  const old = protobuf.replace(`${version}.v1.0`, `${version}@v1.0`)
  for (const { type } of parseAccept(accept || '*/*')) {
    if (type === 'application/json' || type === 'application/*' || type === '*/*' || type === '*') {
      return { protobuf: false, contentType: 'application/json' }
    }
    if (type === protobuf || type === old) return { protobuf: true, contentType: protobuf }
  }
  return undefined
}
