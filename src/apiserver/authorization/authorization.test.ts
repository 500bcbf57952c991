import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { clusterRoleBindings } from '../../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import { roleBindings } from '../../api/rbac/v1/role-binding.ts'
import { roles } from '../../api/rbac/v1/role.ts'
import type { PolicyRule, Subject } from '../../api/types.generated.ts'
import type { UserInfo } from '../../api/user.ts'
import { bootstrapObjects } from '../bootstrap/bootstrap.ts'
import { nodeRules } from '../bootstrap/rbac-policy.ts'
import { createMemoryLister, type MemoryLister } from '../memory-lister.ts'
import { createMemoryWriter } from '../memory-writer.ts'
import { createAccessReviews } from '../reviews/access-review.ts'
import type { AuthorizationAttributes, AuthorizationResult } from './authorizer.ts'
import { forbiddenRequest } from './forbidden.ts'
import { createNodeAuthorizer } from './node/node-authorizer.ts'
import { createNodeGraph } from './node/node-graph.ts'
import { createPrivilegedGroupAuthorizer } from './privileged-group.ts'
import { refuseEscalation } from './rbac/escalation.ts'
import { createRbacAuthorizer } from './rbac/rbac-authorizer.ts'
import { createRoleIndex } from './rbac/role-index.ts'
import { createUnionAuthorizer } from './union.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'

function chainOver(lister: MemoryLister) {
  const rbac = createRbacAuthorizer(createRoleIndex(lister))
  const node = createNodeAuthorizer({ graph: createNodeGraph(lister), nodeRules: nodeRules() })
  const authorizer = createUnionAuthorizer([
    { name: 'kubernetes.io/system-privileged-group', authorizer: createPrivilegedGroupAuthorizer() },
    { name: 'node', authorizer: node },
    { name: 'rbac', authorizer: rbac },
  ])
  return { rbac, authorizer }
}

const lister = createMemoryLister()
const { rbac, authorizer } = chainOver(lister)
const ask = (user: UserInfo, text: string, more: Partial<AuthorizationAttributes> = {}) => {
  const [verb = '', resource = '', name = ''] = text.split(' ')
  const [plain = '', subresource = ''] = resource.split('/')
  const [bare = '', ...group] = plain.split('.')
  return authorizer.authorize({
    user,
    verb,
    resourceRequest: true,
    namespace: '',
    apiGroup: group.join('.'),
    apiVersion: 'v1',
    resource: bare,
    subresource,
    name,
    path: '',
    ...more,
  }) as AuthorizationResult
}
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const inDefault = { namespace: 'default' }

before(async () => {
  await bootstrapObjects({ lister, writer: createMemoryWriter(lister), configMaps: [] })
})
const grant = (name: string, namespace: string, rules: PolicyRule[], ...subjects: Subject[]) => {
  const metadata = { name, namespace: namespace || undefined }
  const [kind, roleRef, bindingRef] =
    namespace === '' ? ['ClusterRole', clusterRoles, clusterRoleBindings] : (['Role', roles, roleBindings] as const)
  lister.put(roleRef as typeof roles, { apiVersion, kind, metadata, rules } as never)
  lister.put(
    bindingRef as typeof roleBindings,
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup, kind, name }, subjects } as never,
  )
}
const toUser = (name: string): Subject => ({ kind: 'User', apiGroup, name })

test('system:masters may do everything; nobody else may do what no rule gives', () => {
  assert.equal(ask(user('root', 'system:masters'), 'delete nodes n1').decision, 'allow')
  assert.equal(ask(user('joe'), 'list pods', inDefault).decision, 'noOpinion')
})

test('a role gives its rights in its namespace to its subjects, and says by which binding', () => {
  grant('reader', 'default', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }], toUser('ann'), {
    kind: 'ServiceAccount',
    name: 'robot',
  })
  const robot = user('system:serviceaccount:default:robot')
  assert.deepEqual(ask(user('ann'), 'list pods', inDefault), {
    decision: 'allow',
    reason: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "ann"',
  })
  assert.equal(
    ask(robot, 'list pods', inDefault).reason,
    'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to ServiceAccount "robot/default"',
  )
  assert.equal(ask(user('ann'), 'list pods', { namespace: 'other' }).decision, 'noOpinion')
  assert.equal(ask(user('ann'), 'list pods').decision, 'noOpinion')
  assert.equal(ask(user('ann'), 'delete pods a', inDefault).decision, 'noOpinion')
  assert.equal(ask(user('ann'), 'get pods/log a', inDefault).decision, 'noOpinion')
})

test('names, subresources, stars and paths are matched as upstream matches them', () => {
  const rules: PolicyRule[] = [
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
    { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
    { verbs: ['get'], nonResourceURLs: ['/logs/*', '/metrics'] },
  ]
  grant('ben', '', rules, toUser('ben'))
  const path = (text: string) => ask(user('ben'), 'get', { resourceRequest: false, path: text }).decision
  assert.equal(ask(user('ben'), 'get secrets one', inDefault).decision, 'allow')
  assert.equal(ask(user('ben'), 'get secrets two', inDefault).decision, 'noOpinion')
  assert.equal(ask(user('ben'), 'list secrets', inDefault).decision, 'noOpinion')
  assert.equal(ask(user('ben'), 'update deployments.apps/scale a', inDefault).decision, 'allow')
  assert.equal(ask(user('ben'), 'update deployments.apps/status a', inDefault).decision, 'noOpinion')
  assert.deepEqual(['/metrics', '/metrics/x', '/logs/a/b', '/logs'].map(path), [
    'allow',
    'noOpinion',
    'allow',
    'noOpinion',
  ])
})

test('a change of roles and bindings counts for the next request; a missing role is told', () => {
  grant('eve', 'default', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], toUser('eve'))
  assert.equal(ask(user('eve'), 'get pods a', inDefault).decision, 'allow')
  grant('eve', 'default', [], toUser('eve'))
  assert.equal(ask(user('eve'), 'get pods a', inDefault).decision, 'noOpinion')
  lister.delete(roles, 'default', 'eve')
  assert.equal(
    ask(user('eve'), 'get pods a', inDefault).reason,
    'rbac: RBAC: role.rbac.authorization.k8s.io "eve" not found',
  )
  lister.delete(roleBindings, 'default', 'eve')
  assert.equal(ask(user('eve'), 'get pods a', inDefault).reason, '')
})

test('a refusal has upstream’s words, and what the caller chose never becomes markup', () => {
  const text = (more: Partial<AuthorizationAttributes>, reason = '') =>
    forbiddenRequest(
      {
        user: user('joe'),
        verb: 'list',
        resourceRequest: true,
        namespace: 'default',
        apiGroup: '',
        apiVersion: 'v1',
        resource: 'pods',
        subresource: '',
        name: '',
        path: '/x',
        ...more,
      },
      reason,
    ).message
  assert.equal(
    text({}),
    'pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "default"',
  )
  assert.equal(
    text({ namespace: '', verb: 'get', resource: 'nodes', subresource: 'proxy', name: 'n1' }, 'because'),
    'nodes "n1" is forbidden: User "joe" cannot get resource "nodes/proxy" in API group "" at the cluster scope: because',
  )
  assert.equal(
    text({ resourceRequest: false, resource: '', verb: 'get', path: '/<b>' }),
    'forbidden: User "joe" cannot get path "/&lt;b&gt;"',
  )
})

test('nobody grants what he does not hold, save by escalate and bind', async () => {
  const write = (resource: string, object: object, as: UserInfo, namespace = 'default') =>
    refuseEscalation(
      {
        user: as,
        resource,
        namespace,
        name: 'new',
        object: { apiVersion, kind: 'x', metadata: { name: 'new' }, ...object } as never,
      },
      rbac,
      authorizer,
    )
  const wanted: PolicyRule[] = [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods'] }]
  grant('limited', 'default', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], toUser('lee'))
  await assert.rejects(write('roles', { rules: wanted }, user('lee')), {
    code: 403,
    message:
      'roles.rbac.authorization.k8s.io "new" is forbidden: user "lee" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
  })
  await write('roles', { rules: [{ ...wanted[0], verbs: ['get'] }] }, user('lee'))
  await write('roles', { rules: wanted }, user('root', 'system:masters'))
  grant('escalator', 'default', [{ verbs: ['escalate'], apiGroups: [apiGroup], resources: ['roles'] }], toUser('max'))
  await write('roles', { rules: wanted }, user('max'))

  const roleRef = { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' }
  await assert.rejects(
    write('rolebindings', { roleRef }, user('lee')),
    /is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\["\*"\], Resources:\["\*"\], Verbs:\["\*"\]\}\n\{NonResourceURLs/,
  )
  grant(
    'binder',
    'default',
    [{ verbs: ['bind'], apiGroups: [apiGroup], resources: ['clusterroles'], resourceNames: ['cluster-admin'] }],
    toUser('bea'),
  )
  await write('rolebindings', { roleRef }, user('bea'))
  await assert.rejects(write('clusterrolebindings', { roleRef }, user('bea'), ''), { code: 403 })
  await assert.rejects(write('rolebindings', { roleRef: { ...roleRef, name: 'none' } }, user('lee')), { code: 404 })
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
  await assert.rejects(
    write('clusterroles', { aggregationRule }, user('lee'), ''),
    /must have cluster-admin privileges to use the aggregationRule/,
  )
})

const kubelet = user('system:node:n1', 'system:nodes')
const pod = (name: string, nodeName: string, spec: object = {}, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, annotations },
  spec: { nodeName, containers: [{ name: 'a', image: 'a' }], serviceAccountName: 'robot', ...spec },
})

test('security.md, node identity: a node reads what its pods refer to, of all container kinds, and nothing else', () => {
  const secretEnv = (name: string) => ({ name: 'c', image: 'a', envFrom: [{ secretRef: { name } }] })
  lister.put(
    pods,
    pod('mine', 'n1', {
      containers: [secretEnv('s-container')],
      initContainers: [secretEnv('s-init')],
      ephemeralContainers: [secretEnv('s-ephemeral')],
      imagePullSecrets: [{ name: 's-pull' }],
      volumes: [
        {
          name: 'a',
          projected: { sources: [{ secret: { name: 's-projected' } }, { configMap: { name: 'c-projected' } }] },
        },
        { name: 'b', persistentVolumeClaim: { claimName: 'claim' } },
      ],
    }),
  )
  lister.put(pods, pod('other', 'n2', { imagePullSecrets: [{ name: 's-other' }] }))
  lister.put(
    pods,
    pod('mirror', 'n1', { imagePullSecrets: [{ name: 's-mirror' }] }, { 'kubernetes.io/config.mirror': 'x' }),
  )
  lister.put(persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: {
      claimRef: { namespace: 'default', name: 'claim' },
      csi: {
        driver: 'd',
        volumeHandle: 'h',
        nodePublishSecretRef: { namespace: 'csi', name: 's-volume' },
        controllerPublishSecretRef: { namespace: 'csi', name: 's-controller' },
      },
    },
  } as never)
  const reads = (what: string, namespace = 'default') => ask(kubelet, `get ${what}`, { namespace }).decision === 'allow'
  for (const secret of ['s-container', 's-init', 's-ephemeral', 's-pull', 's-projected'])
    assert.ok(reads(`secrets ${secret}`), secret)
  for (const secret of ['s-other', 's-mirror', 'unknown']) assert.ok(!reads(`secrets ${secret}`), secret)
  assert.ok(
    reads('configmaps c-projected') && reads('persistentvolumeclaims claim') && reads('persistentvolumes pv', ''),
  )
  assert.ok(reads('secrets s-volume', 'csi') && !reads('secrets s-controller', 'csi'))
  assert.ok(reads('pods mine') && !reads('pods other'))
  assert.equal(
    ask(kubelet, 'get secrets s-other', inDefault).reason,
    "node: no relationship found between node 'n1' and this object",
  )
  lister.delete(pods, 'default', 'mine')
  for (const secret of ['s-container', 's-init']) assert.ok(!reads(`secrets ${secret}`))
  assert.ok(!reads('persistentvolumes pv', '') && !reads('secrets s-volume', 'csi'))
})

test('security.md, node identity: a node touches its own node, lease, CSINode and tokens of its pods’ accounts only', () => {
  lister.put(pods, pod('mine', 'n1'))
  const may = (text: string, more: Partial<AuthorizationAttributes> = {}) =>
    ask(kubelet, text, more).decision === 'allow'
  const leases = { namespace: 'kube-node-lease' }
  assert.ok(may('get nodes n1') && may('patch nodes/status n1'))
  assert.ok(!may('get nodes n2') && !may('list nodes') && !may('delete nodes n1'))
  assert.ok(may('update leases.coordination.k8s.io n1', leases) && may('create leases.coordination.k8s.io', leases))
  assert.ok(
    !may('update leases.coordination.k8s.io n2', leases) && !may('get leases.coordination.k8s.io n1', inDefault),
  )
  assert.ok(may('get csinodes.storage.k8s.io n1') && !may('get csinodes.storage.k8s.io n2'))
  assert.ok(
    may('create serviceaccounts/token robot', inDefault) && !may('create serviceaccounts/token other', inDefault),
  )
  assert.ok(!may('list secrets', inDefault) && !may('list pods', inDefault))
  const own = { fieldSelector: [{ key: 'spec.nodeName', operator: '=', values: ['n1'] }] }
  const foreign = { fieldSelector: [{ key: 'spec.nodeName', operator: '=', values: ['n2'] }] }
  assert.ok(may('list pods', own) && !may('list pods', foreign))
  assert.ok(may('create pods/eviction mine', inDefault) && !may('create pods/exec mine', inDefault))
  assert.ok(may('get services a', inDefault), 'what every node may')
  assert.equal(ask(kubelet, 'list nodes').reason, "node: node 'n1' cannot read all nodes, only its own Node object")
})

const context = (as: UserInfo, namespace = '') => ({
  user: as,
  namespace,
  dryRun: false,
  request: { headers: {}, path: '', remoteAddress: '' },
})
const review = (kind: string, spec: object, as = user('joe'), namespace = '') =>
  createAccessReviews(authorizer)[`${kind.toLowerCase()}s.authorization.k8s.io`]!(
    { apiVersion: 'authorization.k8s.io/v1', kind, metadata: namespace ? { namespace } : {}, spec } as never,
    context(as, namespace),
  ) as Promise<never>

test('access reviews answer for others and for oneself', async () => {
  grant('reader', 'default', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }], toUser('ann'))
  const resourceAttributes = { namespace: 'default', verb: 'list', resource: 'pods' }
  const { status } = (await review('SubjectAccessReview', { user: 'ann', resourceAttributes })) as { status: object }
  assert.deepEqual(JSON.parse(JSON.stringify(status)), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "ann"',
  })
  const own = (await review('SelfSubjectAccessReview', { resourceAttributes })) as { status: { allowed: boolean } }
  assert.equal(own.status.allowed, false)
  await assert.rejects(review('SubjectAccessReview', { resourceAttributes }), {
    message:
      '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  })
  await assert.rejects(review('SelfSubjectAccessReview', {}), {
    message:
      '.authorization.k8s.io "" is invalid: spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  })
  const local = (namespace: string) =>
    review(
      'LocalSubjectAccessReview',
      { user: 'ann', resourceAttributes: { ...resourceAttributes, namespace } },
      user('joe'),
      'default',
    )
  assert.equal(((await local('default')) as { status: { allowed: boolean } }).status.allowed, true)
  await assert.rejects(local('other'), /must match metadata.namespace/)
})

test('a rules review lists what one may do in a namespace', async () => {
  const { status } = (await review('SelfSubjectRulesReview', { namespace: 'default' }, user('ann'))) as {
    status: { resourceRules: PolicyRule[]; incomplete: boolean }
  }
  assert.ok(status.resourceRules.some(({ resources }) => resources?.includes('pods')))
  assert.equal(status.incomplete, false)
  await assert.rejects(review('SelfSubjectRulesReview', {}), { message: 'no namespace on request' })
})

test('a decision takes microseconds', () => {
  for (let index = 0; index < 1000; index++)
    grant(
      `many-${index}`,
      `ns-${index}`,
      [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      toUser(`user-${index}`),
    )
  const manager = user('system:kube-controller-manager')
  const decide = () => ask(manager, 'update leases.coordination.k8s.io x', { namespace: 'kube-system' })
  for (let index = 0; index < 2000; index++) decide()
  // The best of many: what else the machine does is no matter.
  const micros = Math.min(
    ...Array.from({ length: 20 }, () => {
      const start = performance.now()
      for (let index = 0; index < 100; index++) decide()
      return (performance.now() - start) * 10
    }),
  )
  assert.ok(micros < 50, `${micros} µs`)
})
