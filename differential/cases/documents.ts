import type { Answer } from '../servers/client.ts'
import type { Case } from './case.ts'
import { withOwnParameters } from '../../src/apiserver/openapi/shared-parameters.ts'
import type { JsonObject } from '../../src/machinery/json.ts'
import { groups, servedByDefault } from '../../src/api/schema/facts.ts'

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

const plain = groups.flatMap(({ name, versions }) => {
  const served = versions
    .filter(servedByDefault)
    .map((version) => (name === '' ? `/api/${version}` : `/apis/${name}/${version}`))
  return name === '' ? ['/api', ...served] : served.length > 0 ? [`/apis/${name}`, ...served] : []
})
const openApi = [...plain, '/apis', '/version', '/.well-known/openid-configuration', '/openid/v1/jwks']

/** Discovery and OpenAPI: the same groups, verbs, paths and schemas. */
export const documentCases: readonly Case[] = [
  ...['/apis', ...plain].map(
    (path): Case => ({ kind: 'discovery', name: path, run: async (send) => [await send({ method: 'GET', path })] }),
  ),
  ...['/api', '/apis'].map(
    (path): Case => ({
      kind: 'discovery',
      name: `${path}, aggregated`,
      run: async (send) => [await send({ method: 'GET', path, headers: { accept: aggregated } })],
    }),
  ),
  ...['/version', '/healthz', '/livez', '/readyz', '/.well-known/openid-configuration'].map(
    (path): Case => ({ kind: 'discovery', name: path, run: async (send) => [await send({ method: 'GET', path })] }),
  ),
  {
    kind: 'openapi',
    name: '/openapi/v3',
    run: async (send) => [withoutHashes(await send({ method: 'GET', path: '/openapi/v3' }))],
  },
  ...openApi.map(
    (path): Case => ({
      kind: 'openapi',
      name: `/openapi/v3${path}`,
      run: async (send) => [withoutWords(await send({ method: 'GET', path: `/openapi/v3${path}` }))],
    }),
  ),
  {
    kind: 'openapi',
    name: '/openapi/v2',
    run: async (send) => {
      const answer = await send({ method: 'GET', path: '/openapi/v2' })
      return [withoutWords({ ...answer, body: JSON.stringify(withPlacedParameters(JSON.parse(answer.body))) })]
    },
  },
]

/** Their names in the document are hashes that cover descriptions; what is said once is compared beside its uses. */
function withPlacedParameters(document: JsonObject): JsonObject {
  const shared = Object.values(stripped(document['parameters']) as object).map((parameter) => JSON.stringify(parameter))
  return { ...withOwnParameters(document), parameters: [...new Set(shared)].sort() }
}

/** Skiff publishes no descriptions but its own (docs/design); all else of a document is compared, in any order. */
function withoutWords(answer: Answer): Answer {
  return answer.status === 200 ? { ...answer, body: JSON.stringify(stripped(JSON.parse(answer.body))) } : answer
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !(name === 'description' && typeof member === 'string'))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, stripped(member)]),
  )
}

/** The hashes are those of documents with descriptions. */
function withoutHashes(answer: Answer): Answer {
  return { ...answer, body: answer.body.replace(/\?hash=[0-9A-F]+/g, '') }
}
