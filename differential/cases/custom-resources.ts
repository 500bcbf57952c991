import type { Answer, Request, Send } from '../servers/client.ts'
import type { Case } from './case.ts'
import { withValue, type JsonPath } from './json-path.ts'
import type { Json } from '../objects.ts'

const riches = '/apis/example.com/v1/riches'
const minimals = '/apis/example.com/v1/namespaces/diff/minimals'
const rich = {
  apiVersion: 'example.com/v1',
  kind: 'Rich',
  metadata: { name: 'one' },
  spec: {
    replicas: 3,
    color: 'red',
    list: [
      { name: 'a', value: 2 },
      { name: 'b', value: 4 },
    ],
    any: { free: { form: [1, 'two', null] } },
    port: 80,
    map: { a: 'b' },
    one: { a: 'longer than five' },
  },
}
const minimal = { apiVersion: 'example.com/v1', kind: 'Minimal', metadata: { name: 'one' } }

/** Definitions are served a moment after they were made. */
async function served(path: string, send: Send): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await send({ method: 'GET', path })
    if ((answer.status !== 404 && answer.status !== 429) || tries === 2000) return answer
  }
}

const changes: readonly (readonly [JsonPath, Json | undefined])[] = [
  [['spec'], undefined],
  [['spec'], null],
  [['spec'], []],
  [['spec'], 'text'],
  [['spec'], {}],
  [['spec', 'replicas'], undefined],
  [['spec', 'replicas'], null],
  [['spec', 'replicas'], -1],
  [['spec', 'replicas'], 50],
  [['spec', 'replicas'], 101],
  [['spec', 'replicas'], 1.5],
  [['spec', 'replicas'], '3'],
  [['spec', 'replicas'], 2147483648],
  [['spec', 'color'], 'green'],
  [['spec', 'color'], ''],
  [['spec', 'color'], 7],
  [['spec', 'color'], 'RED'],
  [['spec', 'color'], 'much too long for it'],
  [['spec', 'list'], [{}]],
  [
    ['spec', 'list'],
    [{ name: 'a' }, { name: 'a' }],
  ],
  [['spec', 'list'], [{ name: 'a', value: 3 }]],
  [['spec', 'list'], [{ name: 'a', odd: 1 }]],
  [
    ['spec', 'list'],
    [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }],
  ],
  [['spec', 'list'], {}],
  [['spec', 'list', 0], 'text'],
  [['spec', 'any'], 'text'],
  [['spec', 'any'], { odd: { deep: 1 } }],
  [['spec', 'port'], 'http'],
  [['spec', 'port'], true],
  [['spec', 'port'], 1.5],
  [['spec', 'map'], { a: 1 }],
  [['spec', 'map'], { a: null }],
  [['spec', 'map'], { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' }],
  [['spec', 'map'], []],
  [['spec', 'one'], { a: null }],
  [['spec', 'one'], { a: 'short' }],
  [['spec', 'one'], {}],
  [['spec', 'odd'], { a: 1 }],
  [['odd'], 1],
  [['status'], { replicas: 3 }],
  [['metadata', 'odd'], 1],
  [['metadata', 'labels'], { 'odd!': 'x' }],
  [['metadata', 'labels'], { a: 7 }],
  [['metadata', 'labels'], 'text'],
  [['metadata', 'annotations'], { 'odd!': 'x' }],
  [
    ['metadata', 'finalizers'],
    ['plain', 'example.com/a', 'a.b', 'odd!'],
  ],
  [['metadata', 'ownerReferences'], [{ apiVersion: 'v1' }]],
  [['metadata', 'generation'], 9],
  [['metadata', 'creationTimestamp'], '2020-01-02T03:04:05Z'],
  [['metadata', 'uid'], '11111111-1111-4111-8111-111111111111'],
  [['metadata', 'namespace'], 'diff'],
  [['metadata', 'name'], 'Odd_Name!'],
  [['metadata', 'generateName'], 'gen-'],
  [['metadata'], undefined],
  [['apiVersion'], 'example.com/v2'],
  [['apiVersion'], 'v1'],
  [['kind'], 'Minimal'],
  [['kind'], undefined],
]

const merge = 'application/merge-patch+json'
const json = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'
const strategic = 'application/strategic-merge-patch+json'
const patches: readonly (readonly [type: string, body: unknown, query?: string])[] = [
  [merge, { spec: { replicas: 7 } }],
  [merge, { spec: { replicas: 99 } }],
  [merge, { spec: { replicas: null } }],
  [merge, { spec: null }],
  [merge, { spec: { odd: 1 }, odd: 2 }],
  [merge, { spec: { odd: 1 }, odd: 2 }, 'fieldValidation=Strict'],
  [merge, { spec: { odd: 1 }, odd: 2 }, 'fieldValidation=Ignore'],
  [merge, { spec: { any: { free: null, other: [1] } } }],
  [merge, { metadata: { labels: { a: 'b' } } }],
  [merge, { metadata: { labels: { 'odd!': 'b' } } }],
  [merge, { metadata: { resourceVersion: '1' } }],
  [merge, { metadata: { uid: '11111111-1111-4111-8111-111111111111' } }],
  [merge, { status: { replicas: 4 } }],
  [merge, { kind: 'Other' }],
  [merge, { apiVersion: 'example.com/v2' }],
  [merge, 'null'],
  [merge, '['],
  [merge, '{"spec":{"color":"red","color":"blue"}}', 'fieldValidation=Strict'],
  [json, [{ op: 'replace', path: '/spec/replicas', value: 8 }]],
  [json, [{ op: 'add', path: '/spec/list/-', value: { name: 'c' } }]],
  [json, [{ op: 'add', path: '/spec/list/-', value: { name: 'a' } }]],
  [json, [{ op: 'remove', path: '/spec/nothing' }]],
  [json, [{ op: 'test', path: '/spec/color', value: 'blue' }]],
  [json, [{ op: 'add', path: '/spec/odd', value: 1 }], 'fieldValidation=Strict'],
  [strategic, { spec: { replicas: 7 } }],
  [apply, rich, 'fieldManager=applier'],
  [apply, rich, 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'replicas'], 9), 'fieldManager=applier'],
  [apply, withValue(rich, ['spec', 'replicas'], 9), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'list'], [{ name: 'c', value: 6 }]), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'list'], [{ value: 6 }]), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'list'], [{ name: 'c' }, { name: 'c' }]), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'odd'], 1), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'replicas'], 'x'), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['spec', 'replicas'], 99), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['metadata', 'labels'], 7), 'fieldManager=applier&force=true'],
  [apply, withValue(rich, ['metadata', 'managedFields'], [{}]), 'fieldManager=applier&force=true'],
  [apply, rich, ''],
]

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json'
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'
const reads: readonly (readonly [query: string, accept?: string])[] = [
  [''],
  ['?limit=1'],
  ['?limit=x'],
  ['?labelSelector=a%3Db'],
  ['?labelSelector=a+in+(b'],
  ['?fieldSelector=spec.color%3Dred'],
  ['?fieldSelector=spec.color%3Dblue'],
  ['?fieldSelector=spec.odd%3Dred'],
  ['?fieldSelector=metadata.name%3Done'],
  ['?resourceVersion=0'],
  ['?resourceVersion=abc'],
  ['?watch=1&resourceVersion=abc'],
  ['?pretty=1'],
  ['', table],
  ['?includeObject=Object', table],
  ['?includeObject=None', table],
  ['', partial],
  ['', partialList],
  ['', 'application/yaml'],
  ['', 'application/vnd.kubernetes.protobuf'],
  ['', 'application/vnd.kubernetes.protobuf,application/json'],
  ['', 'application/cbor'],
  ['', 'text/plain'],
]

type Step = readonly [name: string, request: Request]

function steps(): Step[] {
  const one = `${riches}/one`
  const text = ([path, value]: readonly [JsonPath, Json | undefined]) => `${path.join('.')} ${JSON.stringify(value)}`
  const patch = (at: string, [type, body, query = '']: (typeof patches)[number]): Step => [
    `${type} of ${at} with ${JSON.stringify(body)} ?${query}`,
    {
      method: 'PATCH',
      path: `${at}?dryRun=All&${query}`,
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  ]
  const post = (query: string, change: (typeof changes)[number]): Step => [
    `create with ${text(change)} ?${query}`,
    { method: 'POST', path: `${riches}?dryRun=All${query}`, body: withValue(rich, ...change) },
  ]
  return [
    ...changes.flatMap((change) => [post('', change), post('&fieldValidation=Strict', change)]),
    ['create', { method: 'POST', path: riches, body: rich }],
    ['create again', { method: 'POST', path: riches, body: rich }],
    ['create everywhere', { method: 'POST', path: '/apis/example.com/v1/minimals', body: minimal }],
    ['create a minimal one', { method: 'POST', path: minimals, body: minimal }],
    ['create a pruned one', { method: 'POST', path: `${minimals}?dryRun=All`, body: { ...minimal, spec: { a: 1 } } }],
    ['the version that is not served', { method: 'GET', path: '/apis/example.com/v1beta1/riches' }],
    ...patches.flatMap((each) => [patch(one, each), patch(`${one}/status`, each)]),
    patch(`${riches}/absent`, [apply, withValue(rich, ['metadata', 'name'], 'absent'), 'fieldManager=applier']),
    patch(`${riches}/absent`, [merge, {}]),
    patch(`${one}/scale`, [merge, { spec: { replicas: 5 } }]),
    patch(`${one}/scale`, [merge, { spec: { replicas: 50 } }]),
    patch(`${one}/scale`, [json, [{ op: 'replace', path: '/spec/replicas', value: 6 }]]),
    patch(`${one}/nothing`, [merge, {}]),
    patch(`${minimals}/one`, [merge, { spec: { a: 1 } }, 'fieldValidation=Strict']),
    patch(`${minimals}/one/status`, [merge, {}]),
    ...['', '/status', '/scale', '/nothing'].map((part): Step => [`get ${part}`, { method: 'GET', path: one + part }]),
    ...[riches, one, minimals, `${minimals}/one`, '/apis/example.com/v1/minimals'].flatMap((path) =>
      reads.map(
        ([query, accept]): Step => [
          `get ${path}${query} as ${accept ?? 'JSON'}`,
          { method: 'GET', path: path + query, headers: accept === undefined ? {} : { accept } },
        ],
      ),
    ),
    ['delete with a wrong uid', { method: 'DELETE', path: one, body: { preconditions: { uid: 'x' } } }],
    ['delete as a dry run', { method: 'DELETE', path: `${one}?dryRun=All` }],
    ['delete all that is not there', { method: 'DELETE', path: `${riches}?labelSelector=none%3Dsuch` }],
  ]
}

const changesOfMade: typeof changes = [
  ...changes,
  [['metadata', 'resourceVersion'], undefined],
  [['status'], { replicas: 'x' }],
]

/** Puts of what was made, with one thing changed, at the object, its status and its scale. */
function updates(): Case[] {
  return ['', '/status', '/scale'].flatMap((part) =>
    changesOfMade.map(
      ([path, value]): Case => ({
        kind: 'custom',
        name: `put ${part} with ${path.join('.')} ${JSON.stringify(value)}`,
        async run(send) {
          const made: unknown = JSON.parse((await send({ method: 'GET', path: `${riches}/one${part}` })).body)
          const body = withValue(made, path, value)
          return [await send({ method: 'PUT', path: `${riches}/one${part}?dryRun=All`, body })]
        },
      }),
    ),
  )
}

/** Objects of the declared definitions: made, changed, read, and at last deleted with them. */
export const customResourceCases: readonly Case[] = [
  { kind: 'custom', name: 'served', run: async (send) => [await served(riches, send), await served(minimals, send)] },
  ...steps().map(([name, request]): Case => ({ kind: 'custom', name, run: async (send) => [await send(request)] })),
  ...updates(),
]
