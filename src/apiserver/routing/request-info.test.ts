import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from './path.ts'
import { Query } from './query.ts'
import { parseRequestInfo } from './request-info.ts'

const infoOf = (method: string, target: string) => {
  const { path, segments, query } = parseTarget(target)
  return parseRequestInfo(method, path, segments, Query.parse(query))
}
const shown = (method: string, target: string) => {
  const { verb, apiGroup, apiVersion, namespace, resource, subresource, name, parts } = infoOf(method, target)
  return [verb, apiGroup, apiVersion, namespace, resource, subresource, name, parts.join('/')]
}

// As in upstream's apiserver pkg/endpoints/request/requestinfo_test.go.
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['GET', '/api/v1/namespaces', ['list', '', 'v1', '', 'namespaces', '', '', 'namespaces']],
  ['GET', '/api/v1/namespaces/other', ['get', '', 'v1', 'other', 'namespaces', '', 'other', 'namespaces/other']],
  ['GET', '/api/v1/namespaces/other/pods', ['list', '', 'v1', 'other', 'pods', '', '', 'pods']],
  ['GET', '/api/v1/namespaces/other/pods/foo', ['get', '', 'v1', 'other', 'pods', '', 'foo', 'pods/foo']],
  ['HEAD', '/api/v1/namespaces/other/pods/foo', ['get', '', 'v1', 'other', 'pods', '', 'foo', 'pods/foo']],
  ['GET', '/api/v1/pods', ['list', '', 'v1', '', 'pods', '', '', 'pods']],
  ['GET', '/api/v1/watch/pods', ['watch', '', 'v1', '', 'pods', '', '', 'pods']],
  ['GET', '/api/v1/watch/namespaces/other/pods', ['watch', '', 'v1', 'other', 'pods', '', '', 'pods']],
  ['GET', '/api/v1/namespaces/other/pods?watch=1', ['watch', '', 'v1', 'other', 'pods', '', '', 'pods']],
  ['GET', '/api/v1/namespaces/other/pods?watch=false', ['list', '', 'v1', 'other', 'pods', '', '', 'pods']],
  [
    'GET',
    '/api/v1/namespaces/other/pods/foo/status',
    ['get', '', 'v1', 'other', 'pods', 'status', 'foo', 'pods/foo/status'],
  ],
  [
    'GET',
    '/api/v1/namespaces/other/pods/foo/proxy/subpath/',
    ['get', '', 'v1', 'other', 'pods', 'proxy', 'foo', 'pods/foo/proxy/subpath'],
  ],
  [
    'PUT',
    '/api/v1/namespaces/other/finalize',
    ['update', '', 'v1', 'other', 'namespaces', 'finalize', 'other', 'namespaces/other/finalize'],
  ],
  [
    'PUT',
    '/api/v1/namespaces/other/status',
    ['update', '', 'v1', 'other', 'namespaces', 'status', 'other', 'namespaces/other/status'],
  ],
  ['PATCH', '/api/v1/namespaces/other/pods/foo', ['patch', '', 'v1', 'other', 'pods', '', 'foo', 'pods/foo']],
  ['DELETE', '/api/v1/namespaces/other/pods', ['deletecollection', '', 'v1', 'other', 'pods', '', '', 'pods']],
  [
    'POST',
    '/apis/apps/v1/namespaces/other/deployments',
    ['create', 'apps', 'v1', 'other', 'deployments', '', '', 'deployments'],
  ],
  [
    'GET',
    '/apis/extensions/v1beta3/namespaces/other/pods/foo',
    ['get', 'extensions', 'v1beta3', 'other', 'pods', '', 'foo', 'pods/foo'],
  ],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dfoo', ['list', '', 'v1', '', 'pods', '', 'foo', 'pods']],
  [
    'GET',
    '/api/v1/pods?watch=true&fieldSelector=metadata.name%3Dfoo',
    ['watch', '', 'v1', '', 'pods', '', 'foo', 'pods'],
  ],
]

test('what a request wants follows from its method and path', () => {
  for (const [method, target, expected] of cases)
    assert.deepEqual(shown(method, target), expected, `${method} ${target}`)
})

test('other paths are asked for as paths', () => {
  for (const target of [
    '/',
    '/healthz',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/api',
    '/api/v1',
    '/openapi/v2',
    '/apiwrong/v1/pods',
  ]) {
    const info = infoOf('GET', target)
    assert.deepEqual([info.resourceRequest, info.verb, info.path], [false, 'get', target], target)
  }
})

test('selectors are kept where the verb honours them', () => {
  const { labelSelector, fieldSelector } = infoOf(
    'GET',
    '/api/v1/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn',
  )
  assert.deepEqual([labelSelector, fieldSelector], ['a=b', 'spec.nodeName=n'])
  assert.equal(infoOf('GET', '/api/v1/namespaces/x/pods/y?labelSelector=a').labelSelector, '')
  assert.equal(infoOf('GET', '/api/v1/watch/pods?labelSelector=a').labelSelector, '')
})
