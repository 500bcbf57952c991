import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { clusterRoleBindings } from '../../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { createMemoryWriter } from '../memory-writer.ts'
import { usualFrontProxy } from '../options/front-proxy-options.ts'
import { bootstrapObjects } from './bootstrap.ts'
import { clusterInfo, extensionAuthentication } from './cluster-objects.ts'

const maps = [
  extensionAuthentication({
    clientAuthorityPem: 'CA',
    frontProxyAuthorityPem: 'PROXY',
    proxies: usualFrontProxy,
  }),
  clusterInfo({ server: 'https://127.0.0.1:6443', authorityPem: 'CA' }),
]

test('a new cluster gets everything; a second start writes nothing', async () => {
  const lister = createMemoryLister()
  const writer = createMemoryWriter(lister)
  await bootstrapObjects({ lister, writer, configMaps: maps })
  assert.ok(writer.writes > 150)
  assert.equal(lister.list(flowSchemas).length, 11)
  assert.equal(maps[0]!.data?.['requestheader-username-headers'], '["X-Remote-User"]')
  writer.writes = 0
  await bootstrapObjects({ lister, writer, configMaps: maps })
  assert.equal(writer.writes, 0)
})

test('a restart puts right what was spoilt, and only that', async () => {
  const lister = createMemoryLister()
  const writer = createMemoryWriter(lister)
  await bootstrapObjects({ lister, writer, configMaps: maps })
  const admin = lister.get(clusterRoleBindings, '', 'cluster-admin')!
  lister.put(clusterRoleBindings, { ...admin, roleRef: { ...admin.roleRef, name: 'view' } } as never)
  const discovery = lister.get(clusterRoles, '', 'system:discovery')!
  lister.put(clusterRoles, { ...discovery, rules: [] } as never)
  const own = lister.get(flowSchemas, '', 'global-default')!
  const theirs = { ...own.metadata, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } }
  lister.put(flowSchemas, { ...own, metadata: theirs, spec: { ...own.spec, matchingPrecedence: 7 } } as never)
  const catchAll = lister.get(flowSchemas, '', 'catch-all')!
  lister.put(flowSchemas, { ...catchAll, spec: { ...catchAll.spec, matchingPrecedence: 7 } } as never)
  await bootstrapObjects({ lister, writer, configMaps: maps })
  assert.equal(lister.get(clusterRoleBindings, '', 'cluster-admin')?.roleRef.name, 'cluster-admin')
  assert.ok(lister.get(clusterRoles, '', 'system:discovery')!.rules!.length > 0)
  assert.equal(lister.get(flowSchemas, '', 'global-default')?.spec.matchingPrecedence, 7)
  assert.equal(lister.get(flowSchemas, '', 'catch-all')?.spec.matchingPrecedence, 10000)
})

test('a role that gathers others has no rules of its own', async () => {
  const lister = createMemoryLister()
  await bootstrapObjects({ lister, writer: createMemoryWriter(lister), configMaps: [] })
  assert.equal(lister.get(clusterRoles, '', 'view')!.rules, undefined)
})

test('rights to join are made where machines may join', async () => {
  for (const joining of [false, true]) {
    const lister = createMemoryLister()
    await bootstrapObjects({ lister, writer: createMemoryWriter(lister), configMaps: [], joining })
    assert.equal(lister.get(clusterRoleBindings, '', 'kubeadm:kubelet-bootstrap') !== undefined, joining)
  }
})
