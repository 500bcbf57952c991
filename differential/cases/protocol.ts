import type { Request } from '../servers/client.ts'
import type { Case } from './case.ts'

const maps = '/api/v1/namespaces/diff/configmaps'
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'protocol' }, data: { a: 'b' } }
const deployments = '/apis/apps/v1/namespaces/diff/deployments'
const odd = { ...map, unknownField: 1, metadata: { name: 'protocol', odd: 2 } }
const doubled =
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"protocol"},"data":{"a":"b","a":"c"},"data":{"x":"y"}}'

const requests: readonly (readonly [string, Request])[] = [
  ...(['Strict', 'Warn', 'Ignore', 'Odd', ''] as const).flatMap((level): (readonly [string, Request])[] => [
    [`unknown fields, ${level}`, { method: 'POST', path: `${maps}?dryRun=All&fieldValidation=${level}`, body: odd }],
    [`doubled keys, ${level}`, { method: 'POST', path: `${maps}?dryRun=All&fieldValidation=${level}`, body: doubled }],
    [
      `YAML with doubled keys, ${level}`,
      {
        method: 'POST',
        path: `${maps}?dryRun=All&fieldValidation=${level}`,
        headers: { 'content-type': 'application/yaml' },
        body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: protocol, odd: 1}\ndata: {a: b}\ndata: {c: d}\n',
      },
    ],
  ]),
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    '',
    'application/json; charset=utf-8',
    'application/vnd.kubernetes.protobuf',
    'application/cbor',
    '*/*',
    'nonsense',
  ].map((type): readonly [string, Request] => [
    `content type ${type}`,
    { method: 'POST', path: `${maps}?dryRun=All`, headers: { 'content-type': type }, body: map },
  ]),
  ...[
    'text/html',
    'application/xml',
    'application/json;q=0',
    'application/json;as=Odd',
    'application/yaml',
    'nonsense',
    '',
    'application/json;stream=watch',
    'application/cbor',
    'text/*',
  ].map((accept): readonly [string, Request] => [
    `accept ${accept}`,
    { method: 'GET', path: maps, headers: { accept } },
  ]),
  ['unknown group', { method: 'GET', path: '/apis/none.example.com/v1/things' }],
  ['unknown version', { method: 'GET', path: '/apis/apps/v9/deployments' }],
  ['unknown resource', { method: 'GET', path: '/api/v1/things' }],
  ['unknown namespaced resource', { method: 'GET', path: '/api/v1/namespaces/diff/things' }],
  ['unknown path', { method: 'GET', path: '/nothing' }],
  ['unknown path, posted', { method: 'POST', path: '/nothing', body: {} }],
  ['post to a root', { method: 'POST', path: '/api', body: {} }],
  ['delete a root', { method: 'DELETE', path: '/apis' }],
  ['put a collection', { method: 'PUT', path: maps, body: map }],
  [
    'patch a collection',
    { method: 'PATCH', path: maps, headers: { 'content-type': 'application/merge-patch+json' }, body: {} },
  ],
  ['an odd method', { method: 'PROPFIND', path: maps }],
  ['options', { method: 'OPTIONS', path: maps }],
  ['head of a list', { method: 'HEAD', path: maps }],
  ['a trailing slash', { method: 'GET', path: `${maps}/` }],
  ['two slashes', { method: 'GET', path: '/api/v1//namespaces' }],
  ['an odd name', { method: 'GET', path: `${maps}/a%2Fb` }],
  ['an odd namespace', { method: 'GET', path: '/api/v1/namespaces/Odd_/configmaps' }],
  ['a watch by path', { method: 'GET', path: '/api/v1/watch/things' }],
  ['a redirect', { method: 'GET', path: '/api/v1/proxy/namespaces/diff/pods/x' }],
  ['dry run twice', { method: 'POST', path: `${maps}?dryRun=All&dryRun=All`, body: map }],
  ['an odd dry run', { method: 'POST', path: `${maps}?dryRun=Odd`, body: map }],
  ['an odd manager', { method: 'POST', path: `${maps}?dryRun=All&fieldManager=${'x'.repeat(129)}`, body: map }],
  ['an unprintable manager', { method: 'POST', path: `${maps}?dryRun=All&fieldManager=a%07b`, body: map }],
  ['a manager', { method: 'POST', path: `${maps}?dryRun=All&fieldManager=me`, body: map }],
  [
    'a user agent',
    { method: 'POST', path: `${maps}?dryRun=All`, headers: { 'user-agent': 'tool/1.2 (linux)' }, body: map },
  ],
  ['pretty', { method: 'POST', path: `${maps}?dryRun=All&pretty=1`, body: map }],
  [
    'a generated name',
    { method: 'POST', path: `${maps}?dryRun=All`, body: { ...map, metadata: { generateName: `${'x'.repeat(70)}-` } } },
  ],
  ['a body of nothing but spaces', { method: 'POST', path: maps, body: '  ' }],
  [
    'deep nesting',
    { method: 'POST', path: `${maps}?dryRun=All`, body: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` },
  ],
  [
    'a large body',
    { method: 'POST', path: `${maps}?dryRun=All`, body: { ...map, data: { a: 'x'.repeat(3_200_000) } } },
  ],
  ['a large map', { method: 'POST', path: `${maps}?dryRun=All`, body: { ...map, data: { a: 'x'.repeat(1_100_000) } } }],
  [
    'bad UTF-8',
    {
      method: 'POST',
      path: `${maps}?dryRun=All`,
      body: Buffer.concat([
        Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u"},"data":{"a":"'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}}'),
      ]),
    },
  ],
  [
    'a huge number',
    {
      method: 'POST',
      path: `${deployments}?dryRun=All`,
      body: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1e999}}',
    },
  ],
  [
    'a number that does not fit',
    {
      method: 'POST',
      path: `${deployments}?dryRun=All`,
      body: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":99999999999999999999}}',
    },
  ],
  [
    '__proto__',
    {
      method: 'POST',
      path: `${maps}?dryRun=All`,
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},"data":{"__proto__":"x"}}',
    },
  ],
  [
    'case of keys',
    {
      method: 'POST',
      path: `${maps}?dryRun=All`,
      body: '{"apiVersion":"v1","Kind":"ConfigMap","metadata":{"Name":"p"},"Data":{"a":"x"}}',
    },
  ],
  ['a trailing document', { method: 'POST', path: `${maps}?dryRun=All`, body: `${JSON.stringify(map)}{}` }],
  ['an impersonated user', { method: 'GET', path: maps, headers: { 'impersonate-user': 'ann' } }],
  [
    'an impersonated user who writes',
    { method: 'POST', path: deployments, headers: { 'impersonate-user': 'ann' }, body: {} },
  ],
  ['an impersonated group alone', { method: 'GET', path: maps, headers: { 'impersonate-group': 'g' } }],
  [
    'an impersonated user of cluster objects',
    { method: 'GET', path: '/api/v1/nodes', headers: { 'impersonate-user': 'ann' } },
  ],
  ['an impersonated user of paths', { method: 'GET', path: '/metrics', headers: { 'impersonate-user': 'ann' } }],
  [
    'a service account',
    { method: 'DELETE', path: `${maps}/x`, headers: { 'impersonate-user': 'system:serviceaccount:diff:default' } },
  ],
]

/** What is told of requests as such, whatever their kind. */
export const protocolCases: readonly Case[] = requests.map(([name, request]) => ({
  kind: 'protocol',
  name,
  run: async (send) => [await send(request)],
}))
