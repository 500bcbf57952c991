import type { JsonObject } from '../../machinery/json.ts'
import { capital } from './operation.ts'
import { machinery, type ReferTo } from './paths-document.ts'
import type { DefinitionCollector, OpenApiVersion } from './schema-document.ts'

/** A path that serves no resource, and is published all the same. */
export interface PlainPath {
  readonly path: string
  readonly tag: string
  readonly operationId: string
  readonly description: string
  readonly types: readonly string[]
  /** Kind of the machinery that answers; 'Info': of the version; undefined: a text. */
  readonly answer?: string
  /** Documents of version 2 say what it reads, though it reads nothing. */
  readonly consumes: boolean
}

const codecTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const discovery = { types: codecTypes, consumes: true }
const versions = { description: 'get available API versions' }

const plainPaths: readonly PlainPath[] = [
  { ...discovery, ...versions, path: '/api/', tag: 'core', operationId: 'getCoreAPIVersions', answer: 'APIVersions' },
  { ...discovery, ...versions, path: '/apis/', tag: 'apis', operationId: 'getAPIVersions', answer: 'APIGroupList' },
  {
    path: '/version/',
    tag: 'version',
    operationId: 'getCodeVersion',
    description: 'get the version information for this server',
    types: ['application/json'],
    answer: 'Info',
    consumes: true,
  },
  {
    path: '/.well-known/openid-configuration/',
    tag: 'WellKnown',
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    types: ['application/json'],
    consumes: false,
  },
  {
    path: '/openid/v1/jwks/',
    tag: 'openid',
    operationId: 'getServiceAccountIssuerOpenIDKeyset',
    description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    types: ['application/jwk-set+json'],
    consumes: false,
  },
]

/** Those of a server with these built-in groups: each group has one, too (apiserver pkg/endpoints/discovery). */
export function plainPathsOf(groups: readonly string[]): readonly PlainPath[] {
  const ofGroups = groups
    .filter((group) => group !== '')
    .map((group): PlainPath => {
      const name = group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map(capital)
        .join('')
      return {
        ...discovery,
        path: `/apis/${group}/`,
        tag: `${name[0]!.toLowerCase()}${name.slice(1)}`,
        operationId: `get${name}APIGroup`,
        description: 'get information of a group',
        answer: 'APIGroup',
      }
    })
  return [...plainPaths, ...ofGroups]
}

export function plainPathItems(
  paths: readonly PlainPath[],
  version: OpenApiVersion,
  collector: DefinitionCollector,
  referTo: ReferTo,
): JsonObject {
  return Object.fromEntries(
    paths.map(({ path, tag, operationId, description, types, answer, consumes }) => {
      const schema = answer === 'Info' ? versionInfo(version, collector) : answer ? referTo(machinery(answer)) : text
      const content = Object.fromEntries(types.map((type) => [type, { schema }]))
      const ok: JsonObject = { description: 'OK', ...(version === 'v2' ? { schema } : { content }) }
      const get: JsonObject = {
        description,
        tags: [tag],
        operationId,
        responses: { 200: ok, 401: { description: 'Unauthorized' } },
        ...(version === 'v2' && { ...(consumes && { consumes: types }), produces: types, schemes: ['https'] }),
      }
      return [path, { get }]
    }),
  )
}

const text: JsonObject = { type: 'string' }

const always = [
  'major',
  'minor',
  'gitVersion',
  'gitCommit',
  'gitTreeState',
  'buildDate',
  'goVersion',
  'compiler',
  'platform',
]
const sometimes = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor']

/** apimachinery pkg/version Info, which is no kind of any group. */
function versionInfo(version: OpenApiVersion, collector: DefinitionCollector): JsonObject {
  const name = 'io.k8s.apimachinery.pkg.version.Info'
  const required: JsonObject = { type: 'string', ...(version === 'v3' && { default: '' }) }
  const properties = [
    ...always.map((member): [string, JsonObject] => [member, required]),
    ...sometimes.map((member): [string, JsonObject] => [member, text]),
  ].sort(([a], [b]) => (a < b ? -1 : 1))
  collector.addDocument(name, {
    description: 'What the server is and how it was built.',
    type: 'object',
    required: always,
    properties: Object.fromEntries(properties),
  })
  return collector.refer(name)
}
