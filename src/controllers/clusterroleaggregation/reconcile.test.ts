import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import type { PolicyRule } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { clusterRoleAggregationController } from './controller.ts'

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })
const role = (name: string, labels: Record<string, string>, more: object): KubeObject =>
  ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels },
    ...more,
  }) as KubeObject
const selecting = (label: string) => ({
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
})

test('a role collects the rules of those that it selects, by name, each once, also through others', async () => {
  const harness = startHarness({ controllers: [clusterRoleAggregationController] })
  harness.client.seed(clusterRoles, role('admin', {}, selecting('to-admin')))
  harness.client.seed(clusterRoles, role('edit', { 'to-admin': 'true' }, selecting('to-edit')))
  harness.client.seed(clusterRoles, role('b', { 'to-edit': 'true' }, { rules: [rule('pods'), rule('secrets')] }))
  harness.client.seed(clusterRoles, role('a', { 'to-edit': 'true' }, { rules: [rule('pods')] }))
  await harness.settle()
  const rulesOf = (name: string) =>
    harness.client.objects(clusterRoles).find(({ metadata }) => metadata.name === name)!.rules
  assert.deepEqual(rulesOf('edit'), [rule('pods'), rule('secrets')])
  assert.deepEqual(rulesOf('admin'), [rule('pods'), rule('secrets')])
  const before = harness.client.writes().length
  await harness.client.delete(clusterRoles, { name: 'b' })
  await harness.advance(1000)
  assert.deepEqual(rulesOf('admin'), [rule('pods')])
  assert.equal(harness.client.writes().length, before + 3)
  await harness.stop()
})
