import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserInfo } from '../../api/user.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts'
import type { AuthenticationRequest } from './authenticator.ts'
import { impersonate } from './impersonation.ts'

const admin: UserInfo = { name: 'admin', groups: ['system:authenticated'] }

/** Allows what is listed as `verb resource[/subresource] name`. */
function only(...allowed: string[]): Authorizer & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    authorize({ verb, resource, subresource, name, namespace }) {
      const text = `${verb} ${resource}${subresource && `/${subresource}`} ${namespace && `${namespace}:`}${name}`
      asked.push(text)
      return { decision: allowed.includes(text) ? 'allow' : 'noOpinion', reason: '' }
    },
  }
}
const listPods = (user: UserInfo): AuthorizationAttributes => ({
  user,
  verb: 'list',
  resourceRequest: true,
  namespace: 'default',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: '',
  path: '/api/v1/namespaces/default/pods',
})
const as = (headers: Record<string, string>, groups: string[] = []): AuthenticationRequest => ({
  headers: groups.length > 0 ? { ...headers, 'impersonate-group': groups.join(', ') } : headers,
  headerValues: (name) => (name === 'impersonate-group' ? groups : [headers[name]!]),
  path: '/',
  remoteAddress: '',
})

test('plain impersonation checks user, groups, uid and each extra value', async () => {
  const authorizer = only(
    'impersonate users bob',
    'impersonate groups dev',
    'impersonate uids 7',
    'impersonate userextras/scopes view',
  )
  const headers = { 'impersonate-user': 'bob', 'impersonate-uid': '7', 'impersonate-extra-scopes': 'view' }
  const done = await impersonate(as(headers, ['dev']), listPods(admin), authorizer)
  assert.deepEqual(done, {
    user: { name: 'bob', uid: '7', groups: ['dev', 'system:authenticated'], extra: { scopes: ['view'] } },
    constraint: '',
  })
})

test('without headers nobody is impersonated; with others than the user, it is a bad request', async () => {
  assert.equal(await impersonate(as({}), listPods(admin), only()), undefined)
  await assert.rejects(impersonate(as({}, ['system:masters']), listPods(admin), only()), {
    code: 400,
    message:
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"system:masters"}, Extra:map[string][]string(nil)} without impersonating a user name',
  })
})

test('the first refusal is told, which is that of the narrowest mode that fits', async () => {
  await assert.rejects(impersonate(as({ 'impersonate-user': 'bob' }), listPods(admin), only()), {
    code: 403,
    message:
      'pods is forbidden: User "admin" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
  })
})

test('a service account gets its groups; the anonymous user stays unauthenticated', async () => {
  const account = await impersonate(
    as({ 'impersonate-user': 'system:serviceaccount:default:robot' }),
    listPods(admin),
    only('impersonate serviceaccounts default:robot'),
  )
  assert.deepEqual(account?.user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:default',
    'system:authenticated',
  ])
  const anonymous = as({ 'impersonate-user': 'system:anonymous' })
  const nobody = await impersonate(anonymous, listPods(admin), only('impersonate users system:anonymous'))
  assert.deepEqual(nobody?.user.groups, ['system:unauthenticated'])
})

test('constrained impersonation: a pod acts as its own node only, only where both checks pass', async () => {
  const agent: UserInfo = {
    name: 'system:serviceaccount:default:agent',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
  }
  const rights = ['impersonate-on:associated-node:list pods default:', 'impersonate:associated-node nodes *']
  const own = await impersonate(as({ 'impersonate-user': 'system:node:n1' }), listPods(agent), only(...rights))
  assert.deepEqual(own, {
    user: { name: 'system:node:n1', uid: undefined, groups: ['system:nodes', 'system:authenticated'], extra: {} },
    constraint: 'impersonate:associated-node',
  })
  await assert.rejects(impersonate(as({ 'impersonate-user': 'system:node:n2' }), listPods(agent), only(...rights)))
  await assert.rejects(impersonate(as({ 'impersonate-user': 'system:node:n1' }), listPods(agent), only(rights[1]!)))
})

test('constrained impersonation never reaches system:masters', async () => {
  const authorizer: Authorizer = {
    authorize: ({ verb }) => ({ decision: verb === 'impersonate' ? 'noOpinion' : 'allow', reason: '' }),
  }
  await assert.rejects(
    impersonate(as({ 'impersonate-user': 'bob' }, ['system:masters']), listPods(admin), authorizer),
    {
      message: /impersonating the system:masters group is not allowed/,
    },
  )
})
