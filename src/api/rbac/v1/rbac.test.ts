import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, faultsOfChange, type Loose } from '../../rules.fixture.ts'
import { clusterRoleBindings } from './cluster-role-binding.ts'
import { clusterRoles } from './cluster-role.ts'
import { roleBindings } from './role-binding.ts'
import { roles } from './role.ts'

const metadata = { name: 'r', namespace: 'd' }
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const apiGroup = 'rbac.authorization.k8s.io'
const binding = (change: Loose = {}) => ({
  metadata,
  roleRef: { apiGroup, kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'User', name: 'ann' }],
  ...change,
})

test('rules name verbs, groups and resources, or paths', () => {
  assert.deepEqual(faultsOf(roles, { metadata, rules: [rule] }), [])
  assert.deepEqual(faultsOf(roles, { metadata }), [])
  assert.deepEqual(faultsOf(roles, { metadata, rules: [{ verbs: [] }] }), [
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
    'rules[0].verbs: Required value',
  ])
  const paths = { verbs: ['get'], nonResourceURLs: ['/healthz'] }
  assert.deepEqual(faultsOf(clusterRoles, { metadata, rules: [paths] }), [])
  assert.deepEqual(faultsOf(roles, { metadata, rules: [paths] }), [
    'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
  ])
})

test('an aggregated role says of what', () => {
  assert.deepEqual(faultsOf(clusterRoles, { metadata, aggregationRule: {} }), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ])
})

test('bindings name a role and subjects', () => {
  assert.deepEqual(faultsOf(roleBindings, binding()), [])
  assert.deepEqual(faultsOf(clusterRoleBindings, binding({ roleRef: { apiGroup, kind: 'Role', name: '' } })), [
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    'roleRef.name: Required value',
  ])
  assert.deepEqual(faultsOf(clusterRoleBindings, binding({ subjects: [{ kind: 'ServiceAccount', name: 'a' }] })), [
    'subjects[0].namespace: Required value',
  ])
  assert.deepEqual(faultsOf(roleBindings, binding({ subjects: [{ kind: 'X', name: 'a' }] })), [
    'subjects[0].kind: Unsupported value: "X": supported values: "ServiceAccount", "User", "Group"',
  ])
})

test('a binding keeps its role', () => {
  assert.deepEqual(faultsOfChange(roleBindings, binding(), { roleRef: { name: 'edit' } }), [
    'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}: field is immutable',
  ])
})
