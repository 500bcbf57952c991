import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthorizationAttributes } from '../authorizer.ts'
import { createAbacAuthorizer } from './abac-authorizer.ts'
import { readAbacPolicies } from './policy-file.ts'

const policy = (spec: object) =>
  JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec })
const authorizer = (...lines: string[]) => createAbacAuthorizer(readAbacPolicies(lines.join('\n'), 'policy.jsonl'))
const asks = (user: string, verb: string, more: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes => ({
  user: { name: user, groups: ['system:authenticated', 'devs'] },
  verb,
  resourceRequest: true,
  namespace: 'ns',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: '',
  path: '/api/v1/namespaces/ns/pods',
  ...more,
})
const path = (text: string): Partial<AuthorizationAttributes> => ({ resourceRequest: false, path: text, resource: '' })

test('a line allows its user what it names, and nothing else', async () => {
  const { authorize } = authorizer(
    '# the first is Alice',
    policy({ user: 'alice', namespace: '*', resource: '*', apiGroup: '*', nonResourcePath: '*' }),
    '',
    policy({ user: 'bob', namespace: 'ns', resource: 'pods', readonly: true }),
    policy({ group: 'ops', namespace: 'ns', resource: 'pods', apiGroup: '*' }),
    policy({ user: 'carol', group: 'devs', nonResourcePath: '/logs/*' }),
    policy({ user: '*', nonResourcePath: '/version', readonly: true }),
    policy({ namespace: '*', resource: '*', apiGroup: '*' }),
  )
  const allows = async (attributes: AuthorizationAttributes) => (await authorize(attributes)).decision === 'allow'
  assert.ok(await allows(asks('alice', 'delete', { apiGroup: 'apps' })))
  assert.ok(await allows(asks('alice', 'delete', path('/any'))))
  assert.ok(await allows(asks('bob', 'watch')))
  assert.ok(!(await allows(asks('bob', 'create'))))
  assert.ok(!(await allows(asks('bob', 'get', { namespace: 'other' }))))
  assert.ok(!(await allows(asks('bob', 'get', { apiGroup: 'apps' }))))
  assert.ok(await allows(asks('dave', 'get', { user: { name: 'dave', groups: ['ops'] } })))
  assert.ok(await allows(asks('carol', 'get', path('/logs/kubelet'))))
  assert.ok(!(await allows(asks('carol', 'get', { ...path('/logs/kubelet'), user: { name: 'carol', groups: [] } }))))
  assert.ok(await allows(asks('eve', 'get', path('/version'))))
  assert.ok(!(await allows(asks('eve', 'get', { ...path('/version'), user: { name: 'eve', groups: [] } }))))
  assert.deepEqual(await authorize(asks('eve', 'get')), { decision: 'noOpinion', reason: 'No policy matched.' })
})

test('what is left out of a line without a version means all', async () => {
  const { authorize } = authorizer('{"readonly":true}', '{"user":"bob","resource":"pods"}')
  const decision = async (...of: Parameters<typeof asks>) => (await authorize(asks(...of))).decision
  assert.equal(await decision('eve', 'list', { apiGroup: 'apps', resource: 'deployments' }), 'allow')
  assert.equal(await decision('eve', 'get', path('/version')), 'allow')
  assert.equal(await decision('eve', 'create'), 'noOpinion')
  assert.equal(await decision('bob', 'create'), 'allow')
  assert.equal(await decision('bob', 'post', path('/version')), 'noOpinion')
})

test('rules are told per namespace', async () => {
  const { rulesFor } = authorizer(
    policy({ user: 'bob', namespace: 'ns', resource: 'pods', readonly: true }),
    policy({ user: 'bob', namespace: '*', nonResourcePath: '/a' }),
  )
  assert.deepEqual(await rulesFor!({ name: 'bob', groups: [] }, 'ns'), {
    resourceRules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/a'] }],
    incomplete: false,
  })
})

test('a line that is no policy is refused with its number', () => {
  assert.throws(() => authorizer('{}', '', '{'), /^Error: error reading policy file policy.jsonl, line 3: \{: /)
  assert.throws(
    () => authorizer('{"apiVersion":"v1","kind":"Pod"}'),
    /line 1: .*: no kind "Pod" is registered for version "v1"/,
  )
})
