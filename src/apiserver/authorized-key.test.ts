import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AuthorizationAttributes } from './authorization/authorizer.ts'
import { openServer } from './open-server.fixture.ts'

/** Two of each in each namespace, and cluster-wide kinds of the same names. */
const names = ['a', 'kube-system', 'status', 'watch']
const scopes = ['default', 'kube-system', 'proxy']
const kinds = [
  { resource: 'configmaps', path: 'api/v1', namespaced: true, object: {} },
  { resource: 'secrets', path: 'api/v1', namespaced: true, object: {} },
  { resource: 'roles', path: 'apis/rbac.authorization.k8s.io/v1', namespaced: true, object: { rules: [] } },
  { resource: 'clusterroles', path: 'apis/rbac.authorization.k8s.io/v1', namespaced: false, object: { rules: [] } },
  { resource: 'nodes', path: 'api/v1', namespaced: false, object: {} },
] as const

test('security.md, wrong scope or kind: what is asked leave for is the key that is read or written, for every verb (CVE-2019-11247, CVE-2022-3162)', async () => {
  let asked: AuthorizationAttributes | undefined
  await using open = await openServer({
    authorizer: {
      authorize(attributes) {
        asked = attributes
        return { decision: 'allow', reason: '' }
      },
    },
  })
  for (const name of scopes.slice(1)) await open.call('POST', '/api/v1/namespaces', { metadata: { name } })
  for (const { resource, path, namespaced, object } of kinds)
    for (const scope of namespaced ? scopes : [''])
      for (const name of names) {
        const at = `/${path}/${scope && `namespaces/${scope}/`}${resource}`
        assert.equal((await open.call('POST', at, { metadata: { name }, ...object })).status, 201)
      }
  const stored = async () =>
    new Map((await open.store.list('/registry/')).entries.map(({ key, modRevision }) => [key, modRevision]))
  /** `/registry/[GROUP/]RESOURCE[/NAMESPACE]/NAME` of what the leave was for; a part that is not named matches all. */
  const covers = ({ resource, namespace, name }: AuthorizationAttributes, key: string): boolean => {
    const parts = key.split('/').slice(2)
    const at = ['configmaps', 'secrets', 'roles', 'clusterroles', 'minions', 'nodes', 'namespaces'].findIndex((one) =>
      parts.includes(one),
    )
    const start = parts.findIndex((part) => !part.includes('.') && at >= 0)
    const [kind = '', ...rest] = parts.slice(start)
    const owned = rest.length === 2
    return (
      (kind === 'minions' ? 'nodes' : kind) === resource &&
      (namespace === '' || resource === 'namespaces' || (owned && rest[0] === namespace)) &&
      (name === '' || rest.at(-1) === name)
    )
  }
  const odd = fc.constantFrom(
    '',
    '.',
    '..',
    'watch',
    'namespaces',
    'a%2f..%2fb',
    '%2e%2e',
    'A',
    'a%00',
    'proxy',
    'status',
  )
  const mostly = (...usual: readonly string[]) =>
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: odd })
  const resource = mostly('configmaps', 'secrets', 'roles', 'clusterroles', 'nodes')
  const name = mostly('a', 'kube-system', 'status', 'b')
  const scoped = fc.tuple(mostly('namespaces'), mostly('default', 'kube-system', 'proxy'), resource)
  const paths = fc.oneof(
    scoped,
    fc.tuple(scoped, name).map(([start, last]) => [...start, last]),
    fc.tuple(resource),
    fc.tuple(resource, name),
    fc.tuple(scoped, name, odd).map(([start, ...rest]) => [...start, ...rest]),
  )
  const head = fc.constantFrom('/api/v1', '/api/v1', '/apis/rbac.authorization.k8s.io/v1', '/api//v1')
  const query = fc.constantFrom(
    {},
    { fieldSelector: 'metadata.name=a' },
    { fieldSelector: 'metadata.namespace=kube-system' },
    { fieldSelector: 'metadata.name=a,metadata.name=status' },
    { labelSelector: 'a=b' },
  )
  const done = { reads: 0, writes: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'DELETE', 'PATCH', 'PUT', 'POST'),
      head,
      paths,
      query,
      async (method, start, segments, selectors) => {
        asked = undefined
        const before = await stored()
        const path = [start, ...segments].join('/')
        if (path.includes('/watch')) return
        const body =
          method === 'DELETE' || method === 'GET'
            ? undefined
            : { metadata: { name: segments.at(-1), labels: { x: `${before.size}` } } }
        const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined
        const { status, body: answer } = await open
          // Nothing is lost: what is deleted would be missed by the rounds after it.
          .call(method, path, body, {
            contentType,
            query: { ...selectors, ...(method === 'DELETE' ? { dryRun: 'All' } : {}) } as Record<string, string>,
          })
          .catch(() => ({ status: 400, body: undefined }))
        const leave = asked as AuthorizationAttributes | undefined
        const after = await stored()
        const changed = [...after].filter(([key, revision]) => before.get(key) !== revision).map(([key]) => key)
        if (changed.length > 0) {
          done.writes++
          assert.ok(leave !== undefined, `${method} ${path} changed ${changed.join()} without being asked`)
          for (const key of changed)
            assert.ok(
              covers({ ...leave, name: method === 'POST' ? '' : leave.name }, key),
              `${method} ${path} changed ${key}`,
            )
        }
        if (status >= 300 || answer === undefined || leave?.resourceRequest !== true) return
        done.reads++
        const { details } = answer as { details?: { name?: string } }
        if (details?.name !== undefined && leave.name !== '') assert.equal(details.name, leave.name, path)
        const shown = (answer as { items?: readonly { metadata: object }[] }).items ?? [answer]
        for (const { metadata } of shown as readonly { metadata: { name?: string; namespace?: string } }[]) {
          if (metadata.name === undefined) continue
          if (leave.namespace !== '' && leave.resource !== 'namespaces')
            assert.equal(metadata.namespace, leave.namespace, path)
          if (leave.name !== '') assert.equal(metadata.name, leave.name, path)
        }
      },
    ),
    { numRuns: 1000 },
  )
  assert.ok(done.reads > 30 && done.writes > 10, JSON.stringify(done))
})
