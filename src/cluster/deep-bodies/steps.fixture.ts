/** Requests whose bodies nest deep. Each is made once, in this order. */
export interface Step {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly contentType?: string
  readonly accept?: string
  readonly body?: string
}

const types = {
  json: 'application/json',
  yaml: 'application/yaml',
  jsonPatch: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const things = '/apis/deep.example.com/v1/namespaces/default/things'
const configMaps = '/api/v1/namespaces/default/configmaps'
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions'

const maps = (levels: number, core = '1') => '{"a":'.repeat(levels) + core + '}'.repeat(levels)
const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const flow = (text: string) => text.replaceAll('":', '": ')

const definition = (plural: string, schema: string) => {
  const kind = `${plural[0]!.toUpperCase()}${plural.slice(1, -1)}`
  return `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"${plural}.deep.example.com"},"spec":{"group":"deep.example.com","scope":"Namespaced","names":{"plural":"${plural}","kind":"${kind}"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":${schema}}}}}]}}`
}
const openSchema = '{"type":"object","x-kubernetes-preserve-unknown-fields":true}'

const meta = (name: string) => `"apiVersion":"deep.example.com/v1","kind":"Thing","metadata":{"name":"${name}"}`
const thing = (name: string, x: string) => `{${meta(name)},"spec":{"x":${x}}}`
const configMap = (more: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"},"zzz":${more}}`

export const definitionStep: Step = {
  name: 'the definition',
  method: 'POST',
  path: definitions,
  body: definition('things', openSchema),
}
/** Answers 200 once things are served. */
export const servedPath = things

/** Where objects are stored that lie as deep as this, all the way. */
const deep = 2200
const stored: readonly Step[] = [
  { name: 'a list is made', method: 'POST', path: things, body: thing('lists', lists(deep)) },
  { name: 'maps are made', method: 'POST', path: things, body: thing('maps', maps(deep)) },
  { name: 'of YAML', method: 'POST', path: things, contentType: types.yaml, body: flow(thing('yaml', maps(deep))) },
  { name: 'it is got', method: 'GET', path: `${things}/maps` },
  { name: 'and in YAML', method: 'GET', path: `${things}/lists`, accept: types.yaml },
  { name: 'and listed', method: 'GET', path: things },
  {
    name: 'and listed as a table',
    method: 'GET',
    path: `${things}?includeObject=Object`,
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  },
  {
    name: 'it is told a label',
    method: 'PATCH',
    path: `${things}/maps`,
    contentType: types.merge,
    body: '{"metadata":{"labels":{"a":"b"}}}',
  },
  {
    name: 'it is merged',
    method: 'PATCH',
    path: `${things}/maps`,
    contentType: types.merge,
    body: `{"spec":{"x":${maps(deep, '2')}}}`,
  },
  {
    name: 'its innermost is replaced',
    method: 'PATCH',
    path: `${things}/maps`,
    contentType: types.jsonPatch,
    body: `[{"op":"replace","path":"/spec/x${'/a'.repeat(deep)}","value":3}]`,
  },
  {
    name: 'it is tested and replaced',
    method: 'PATCH',
    path: `${things}/maps`,
    contentType: types.jsonPatch,
    body: `[{"op":"test","path":"/spec/x","value":${maps(deep, '3')}},{"op":"replace","path":"/spec/x","value":${maps(deep)}}]`,
  },
  {
    name: 'it is copied into itself too often',
    method: 'PATCH',
    path: `${things}/maps`,
    contentType: types.jsonPatch,
    body: `[${Array.from({ length: 5 }, () => `{"op":"copy","from":"/spec","path":"/spec/x${'/a'.repeat(deep - 1)}/b"}`).join()}]`,
  },
  {
    name: 'one applies',
    method: 'PATCH',
    path: `${things}/applied?fieldManager=one`,
    contentType: types.apply,
    body: thing('applied', maps(deep)),
  },
  {
    name: 'one applies again',
    method: 'PATCH',
    path: `${things}/applied?fieldManager=one`,
    contentType: types.apply,
    body: thing('applied', maps(deep, '2')),
  },
  {
    name: 'another applies',
    method: 'PATCH',
    path: `${things}/applied?fieldManager=two`,
    contentType: types.apply,
    body: thing('applied', maps(deep, '3')),
  },
  {
    name: 'another insists',
    method: 'PATCH',
    path: `${things}/applied?fieldManager=two&force=true`,
    contentType: types.apply,
    body: thing('applied', maps(deep, '3')),
  },
  {
    name: 'a revision of raw JSON',
    method: 'POST',
    path: revisions,
    body: `{"metadata":{"name":"raw"},"revision":1,"data":${maps(deep)}}`,
  },
  {
    name: 'is patched',
    method: 'PATCH',
    path: `${revisions}/raw`,
    contentType: types.strategic,
    body: '{"revision":2}',
  },
  {
    name: 'is got as protobuf',
    method: 'GET',
    path: `${revisions}/raw`,
    accept: 'application/vnd.kubernetes.protobuf',
  },
  {
    name: 'a deep default',
    method: 'POST',
    path: `${definitions}?dryRun=All`,
    body: definition(
      'defaults',
      `{"type":"object","x-kubernetes-preserve-unknown-fields":true,"default":${maps(deep)}}`,
    ),
  },
  {
    name: 'a deep schema',
    method: 'POST',
    path: `${definitions}?dryRun=All`,
    body: definition(
      'schemas',
      `${'{"type":"object","properties":{"a":'.repeat(deep / 2)}{"type":"string"}${'}}'.repeat(deep / 2)}`,
    ),
  },
  ...['lists', 'maps', 'yaml', 'applied'].map((name) => ({
    name: `${name} are deleted`,
    method: 'DELETE' as const,
    path: `${things}/${name}`,
  })),
]

/** About the bounds. Nothing comes of these. */
const bounds = [9999, 10_000, 10_001].flatMap((levels): Step[] => [
  { name: `${levels} in JSON`, method: 'POST', path: `${configMaps}?dryRun=All`, body: configMap(maps(levels - 1)) },
  {
    name: `${levels} in JSON, strictly`,
    method: 'POST',
    path: `${configMaps}?dryRun=All&fieldValidation=Strict`,
    body: configMap(lists(levels - 1)),
  },
  {
    name: `${levels} flow lists in YAML`,
    method: 'POST',
    path: `${configMaps}?dryRun=All`,
    contentType: types.yaml,
    body: `metadata: {name: new}\nzzz: ${lists(levels)}`,
  },
  {
    name: `${levels} flow maps in YAML`,
    method: 'POST',
    path: `${configMaps}?dryRun=All`,
    contentType: types.yaml,
    body: flow(configMap(maps(levels - 1))),
  },
  {
    name: `${levels} dashes in YAML`,
    method: 'POST',
    path: `${configMaps}?dryRun=All`,
    contentType: types.yaml,
    body: `metadata: {name: new}\nzzz:\n  ${'- '.repeat(levels)}1`,
  },
  {
    name: `${levels} dashes and flow lists in YAML`,
    method: 'POST',
    path: `${configMaps}?dryRun=All`,
    contentType: types.yaml,
    body: `metadata: {name: new}\nzzz:\n  ${'- '.repeat(5000)}${lists(levels - 5000)}`,
  },
  {
    name: `${levels} in a JSON patch`,
    method: 'PATCH',
    path: `${configMaps}/there?dryRun=All`,
    contentType: types.jsonPatch,
    body: `[{"op":"add","path":"/zzz","value":${lists(levels - 2)}}]`,
  },
  {
    name: `${levels} in a strategic merge patch`,
    method: 'PATCH',
    path: `${configMaps}/there?dryRun=All`,
    contentType: types.strategic,
    body: `{"zzz":${lists(levels - 1)}}`,
  },
  {
    name: `${levels} applied`,
    method: 'PATCH',
    path: `${configMaps}/new?dryRun=All&fieldManager=one`,
    contentType: types.apply,
    body: configMap(lists(levels - 1)),
  },
  {
    name: `${levels} in a custom resource`,
    method: 'POST',
    path: `${things}?dryRun=All`,
    body: thing('new', lists(levels - 2)),
  },
  {
    name: `${levels} as managed fields`,
    method: 'POST',
    path: `${things}?dryRun=All`,
    body: thing('new', '1').replace(
      '"name":"new"',
      `"name":"new","managedFields":[{"manager":"m","operation":"Apply","apiVersion":"deep.example.com/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":${maps(levels - 4, '{}').replaceAll('"a"', '"f:a"')}}]`,
    ),
  },
  {
    name: `${levels} as a label`,
    method: 'POST',
    path: `${things}?dryRun=All`,
    body: thing('new', '1').replace('"name":"new"', `"name":"new","labels":{"a":${maps(levels - 3)}}`),
  },
  {
    name: `${levels} in what a custom resource does not know`,
    method: 'POST',
    path: `${things}?dryRun=All&fieldValidation=Strict`,
    body: `{${meta('new')},"zzz":${maps(levels - 1)}}`,
  },
  {
    name: `${levels} in options of a deletion`,
    method: 'DELETE',
    path: `${configMaps}/nobody`,
    body: `{"zzz":${lists(levels - 1)}}`,
  },
])

export const steps: readonly Step[] = [
  ...stored,
  { name: 'something to patch', method: 'POST', path: configMaps, body: '{"metadata":{"name":"there"}}' },
  ...bounds,
  // Upstream takes more than the half minute that it has for what lies one level less deep.
  {
    name: 'too deep in a merge patch',
    method: 'PATCH',
    path: `${configMaps}/there?dryRun=All`,
    contentType: types.merge,
    body: `{"zzz":${lists(10_000)}}`,
  },
]
