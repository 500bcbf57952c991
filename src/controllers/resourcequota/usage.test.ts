import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceQuota } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { countedResources, quotaStatus } from './usage.ts'

const quota = (hard: Record<string, string>, status?: object) =>
  deepFreeze({ metadata: { name: 'q', namespace: 'n' }, spec: { hard }, status }) as unknown as ResourceQuota
const pod = (cpu: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    status: { phase: 'Running' },
  }) as unknown as KubeObject

test('what a quota counts follows from its names, each resource once', () => {
  assert.deepEqual(
    countedResources(['pods', 'requests.cpu', 'count/deployments.apps', 'services.nodeports'])
      .map(({ group, resource }) => `${resource}.${group}`)
      .toSorted(),
    ['deployments.apps', 'pods.', 'services.'],
  )
})

test('usage is the sum over the objects of the namespace', () => {
  const status = quotaStatus(
    quota({ pods: '5', 'requests.cpu': '2', 'count/configmaps': '3' }),
    ({ resource }) => (resource === 'pods' ? [pod('500m'), pod('1')] : [{} as KubeObject]),
    0,
  )
  assert.deepEqual(status, {
    hard: { pods: '5', 'requests.cpu': '2', 'count/configmaps': '3' },
    used: { pods: '2', 'requests.cpu': '1500m', 'count/configmaps': '1' },
  })
})

test('what is right already stays the same object, however it is written', () => {
  const status = { hard: { 'requests.cpu': '2000m' }, used: { 'requests.cpu': '0.5' } }
  const settled = quota({ 'requests.cpu': '2' }, status)
  assert.equal(
    quotaStatus(settled, () => [pod('500m')], 0),
    settled.status,
  )
})

test('of a resource that is not served what was known stays', () => {
  const known = quota(
    { 'count/foos.g': '1', pods: '1' },
    { hard: { 'count/foos.g': '1' }, used: { 'count/foos.g': '1', gone: '7' } },
  )
  assert.deepEqual(quotaStatus(known, ({ group }) => (group === 'g' ? undefined : []), 0).used, {
    'count/foos.g': '1',
    pods: '0',
  })
})
