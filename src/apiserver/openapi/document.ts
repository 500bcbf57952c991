import type { ResourceDefinition } from '../../api/definition.ts'
import { definitionNamed, kindOfDefinition, schemaOfKind, upstreamVersion } from '../../api/schema/facts.ts'
import { schemeVersions } from '../../api/schema/scheme-versions.ts'
import type { JsonObject } from '../../machinery/json.ts'
import { parseApiVersion, type GroupVersionKind } from '../../machinery/meta/object.ts'
import { customDefinitions, customDefinitionName } from './custom-resource.ts'
import { groupVersionName, operationsOf } from './operation.ts'
import { machinery, pathsDocument, type ReferTo } from './paths-document.ts'
import { type PlainPath, plainPathItems, plainPathsOf } from './plain-paths.ts'
import { DefinitionCollector, type OpenApiVersion } from './schema-document.ts'

const security = {
  BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
}

/** Documents are of the release that upstream emulates, `1.37`. */
const minorRelease = upstreamVersion.replace(/^v(\d+\.\d+).*/, '$1')

/** The OpenAPI v3 document of one group and version, `/openapi/v3/apis/apps/v1`, or of a plain path. */
export function openApiV3(
  definitions: readonly ResourceDefinition[],
  plain: readonly PlainPath[] = [],
  enums = true,
): JsonObject {
  const { paths, schemas } = build(definitions, 'v3', plain, enums)
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: minorRelease },
    paths,
    components: { ...(Object.keys(schemas).length > 0 && { schemas }), securitySchemes: security },
  }
}

/** The OpenAPI v2 document of everything: `/openapi/v2`. */
export function openApiV2(definitions: readonly ResourceDefinition[], enums = true): JsonObject {
  const builtIn = definitions.filter(({ openApi }) => openApi === undefined).map(({ group }) => group)
  const { paths, schemas } = build(definitions, 'v2', plainPathsOf([...new Set(builtIn)]), enums)
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: minorRelease },
    paths,
    definitions: schemas,
    securityDefinitions: security,
    security: [{ BearerToken: [] }],
  }
}

function build(
  definitions: readonly ResourceDefinition[],
  version: OpenApiVersion,
  plain: readonly PlainPath[],
  enums: boolean,
): { paths: JsonObject; schemas: JsonObject } {
  const served = new Map(definitions.map(({ group, version: each }) => [`${group}/${each}`, { group, version: each }]))
  const collector = new DefinitionCollector(
    version,
    gvksOf([...served.values(), ...(version === 'v2' ? known : [])]),
    enums,
  )
  const custom = new Map<string, ResourceDefinition>()
  for (const definition of definitions) {
    if (!definition.openApi) continue
    for (const kind of [definition.kind, definition.listKind]) custom.set(keyOf({ ...definition, kind }), definition)
  }
  const referTo: ReferTo = (gvk) => {
    const definition = custom.get(keyOf(gvk))
    if (definition) {
      for (const [name, document] of customDefinitions(definition, version, collector)) {
        if (!collector.definitions.has(name)) collector.addDocument(name, document)
      }
      return collector.refer(customDefinitionName(gvk))
    }
    const schema = schemaOfKind(gvk.group, gvk.version, gvk.kind) ?? definitionNamed(machineryName(gvk.kind))
    if (!schema) throw new Error(`no definition of ${keyOf(gvk)}`)
    return collector.add(schema)
  }
  const paths = {
    ...pathsDocument(definitions.flatMap(operationsOf), version, referTo),
    ...discoveryPaths([...served.values()], version, referTo),
    ...plainPathItems(plain, version, collector, referTo),
  }
  const schemas = Object.fromEntries([...collector.definitions].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))), schemas }
}

const keyOf = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version} ${kind}`
const machineryPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const machineryName = (kind: string): string => machineryPrefix + kind

/** The path that lists a group version's resources. */
function discoveryPaths(
  served: readonly { readonly group: string; readonly version: string }[],
  version: OpenApiVersion,
  referTo: ReferTo,
): JsonObject {
  const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
  return Object.fromEntries(
    served.map((gv) => {
      const { pascal, tag } = groupVersionName(gv.group, gv.version)
      const schema = referTo(machinery('APIResourceList'))
      const ok: JsonObject =
        version === 'v2'
          ? { description: 'OK', schema }
          : { description: 'OK', content: Object.fromEntries(types.map((type) => [type, { schema }])) }
      const v2Only: JsonObject = version === 'v2' ? { consumes: types, produces: types, schemes: ['https'] } : {}
      const get: JsonObject = {
        description: 'get available resources',
        tags: [tag],
        operationId: `get${pascal}APIResources`,
        responses: { 200: ok, 401: { description: 'Unauthorized' } },
        ...v2Only,
      }
      return [gv.group === '' ? `/api/${gv.version}/` : `/apis/${gv.group}/${gv.version}/`, { get }]
    }),
  )
}

/** Every group version of the scheme, which the document of everything names. */
const known = schemeVersions.filter(({ group }) => group !== '')

/** Kinds by definition; those that are the same in every group name all groups of the document. */
function gvksOf(
  served: readonly { readonly group: string; readonly version: string }[],
): (name: string) => readonly JsonObject[] {
  const everywhere = new Set(['DeleteOptions', 'WatchEvent'].map(machineryName))
  const core = new Set(['Status', 'APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions'].map(machineryName))
  return (name) => {
    const kind = name.slice(name.lastIndexOf('.') + 1)
    if (everywhere.has(name)) {
      const names = new Set(
        served.filter(({ group }) => group !== '').map(({ group, version }) => `${group}/${version}`),
      )
      return ['v1', ...[...names].sort()].map(parseApiVersion).map(({ group, version }) => ({ group, kind, version }))
    }
    if (core.has(name)) return [{ group: '', kind, version: 'v1' }]
    const gvk = kindOfDefinition(name)
    return gvk ? [{ group: gvk.group, kind, version: gvk.version }] : []
  }
}
