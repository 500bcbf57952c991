import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/types.generated.ts'
import { clusterRoleFacts } from './cluster-role-facts.ts'
import { rbacPolicy } from './rbac-policy.ts'
import { reconcileBinding, reconcileRole } from './reconcile-rbac.ts'
import { rulesOf } from './role-facts.ts'

const modules = process.env.GOMODCACHE ?? join(process.env.GOPATH ?? join(homedir(), 'go'), 'pkg/mod')
const testdata = join(modules, 'k8s.io/kubernetes@v1.37.1/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata')
const noUpstream = existsSync(testdata) ? false : 'upstream’s sources are not in the Go module cache'

test('default roles and bindings equal upstream’s, rule by rule', { skip: noUpstream }, () => {
  const upstream = (...files: string[]) =>
    files
      .flatMap((file) => (load(readFileSync(join(testdata, `${file}.yaml`), 'utf8')) as { items: ClusterRole[] }).items)
      .map(plain)
  const plain = (object: object) => {
    const { metadata, rules, ...rest } = JSON.parse(JSON.stringify(object))
    delete metadata.creationTimestamp
    if (rules !== undefined || rest.kind.endsWith('Role')) rest.rules = rules ?? []
    return { ...rest, metadata }
  }
  const byName = (objects: { metadata: { name: string; namespace?: string } }[]) =>
    Object.fromEntries(objects.map((one) => [`${one.metadata.namespace ?? ''}/${one.metadata.name}`, one]))
  const ours = rbacPolicy()
  const compare = (own: readonly object[], ...files: string[]) =>
    assert.deepEqual(byName(own.map(plain)), byName(upstream(...files) as never))
  compare(ours.clusterRoles, 'cluster-roles', 'controller-roles')
  compare(ours.clusterRoleBindings, 'cluster-role-bindings', 'controller-role-bindings')
  compare(ours.roles, 'namespace-roles')
  compare(ours.roleBindings, 'namespace-role-bindings')
})

test('security.md, traffic capture: admin and edit may not write Endpoints or EndpointSlices (CVE-2021-25740)', () => {
  const writes = ['create', 'update', 'patch', 'delete', 'deletecollection', '*']
  for (const name of ['system:aggregate-to-admin', 'system:aggregate-to-edit', 'system:aggregate-to-view']) {
    for (const rule of rulesOf(clusterRoleFacts[name]!.rules, () => true)) {
      const { resources = [], verbs } = rule
      const touches = resources.some((one) => ['endpoints', 'endpointslices', '*'].includes(one.split('/')[0]!))
      assert.ok(!touches || !verbs.some((verb) => writes.includes(verb)), `${name}: ${JSON.stringify(rule)}`)
    }
  }
})

const rule = (verb: string, resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: [verb] })
const role = (rules: PolicyRule[], annotations = {}): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'a', annotations, labels: { kept: 'yes' } },
  rules,
})

test('a default role gets back what it lost, keeps what people added, and is left alone when they say so', () => {
  const expected = role([rule('get', 'pods'), rule('list', 'pods')])
  assert.equal(reconcileRole(role([rule('list', 'pods'), rule('get', 'pods'), rule('get', 'x')]), expected), undefined)
  assert.deepEqual(reconcileRole(role([rule('get', 'x'), rule('get', 'pods')]), expected), {
    change: 'update',
    object: {
      ...role([rule('get', 'x'), rule('get', 'pods'), rule('list', 'pods')]),
      aggregationRule: undefined,
    },
  })
  const off = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
  assert.equal(reconcileRole(role([], off), expected), undefined)
})

test('a default binding gets back its subjects, and is made anew when it refers to another role', () => {
  const binding = (roleName: string, ...names: string[]): ClusterRoleBinding => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'a', annotations: {}, labels: {} },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
    subjects: names.map((name) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name })),
  })
  assert.equal(reconcileBinding(binding('r', 'dev', 'ops'), binding('r', 'ops')), undefined)
  assert.deepEqual(reconcileBinding(binding('r', 'dev'), binding('r', 'ops'))?.object, binding('r', 'dev', 'ops'))
  assert.equal(reconcileBinding(binding('other'), binding('r', 'ops'))?.change, 'recreate')
})

test('features that are turned on bring their rules, and roles of their controllers', () => {
  const rulesOf = (name: string, ...features: string[]) =>
    rbacPolicy((feature) => features.includes(feature)).clusterRoles.find(({ metadata }) => metadata.name === name)
      ?.rules
  const own = { apiGroups: ['scheduling.k8s.io'], resources: ['podgroups', 'workloads'] }
  const added = rulesOf('system:aggregate-to-edit', 'GenericWorkload')!.at(-1)
  assert.deepEqual(added, { ...own, verbs: ['create', 'delete', 'deletecollection', 'patch', 'update'] })
  assert.equal(rulesOf('system:controller:podgroup-protection-controller'), undefined)
  assert.equal(rulesOf('system:controller:podgroup-protection-controller', 'GenericWorkload')?.length, 2)
})
