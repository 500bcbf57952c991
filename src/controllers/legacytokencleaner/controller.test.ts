import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import { formatTime, VirtualClock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { legacyTokenCleaner } from './controller.ts'
import { dateOf } from './verdict.ts'

const dayMs = 24 * 3600 * 1000
const token = (name: string, labels: object, createdMs: number) =>
  ({
    metadata: {
      name,
      namespace: 'ns',
      labels,
      creationTimestamp: formatTime(createdMs),
      annotations: { 'kubernetes.io/service-account.name': 'robot' },
    },
    type: 'kubernetes.io/service-account-token',
  }) as unknown as KubeObject
const used = (date: string) => ({ 'kubernetes.io/legacy-token-last-used': date })
const invalid = (date: string) => ({ 'kubernetes.io/legacy-token-invalid-since': date })

function start(trackedDays: number) {
  return startHarness({
    controllers: [legacyTokenCleaner],
    prepare(client) {
      const now = new VirtualClock().now()
      const daysAgo = (days: number) => dateOf(now - days * dayMs)
      const name = 'kube-apiserver-legacy-service-account-token-tracking'
      client.seed(configMaps, {
        metadata: { name, namespace: 'kube-system' },
        data: { since: daysAgo(trackedDays) },
      } as unknown as KubeObject)
      const old = now - 1000 * dayMs
      const made: readonly KubeObject[] = [
        token('unused', {}, old),
        token('used-long-ago', used(daysAgo(400)), old),
        token('used', used(daysAgo(300)), old),
        token('new', {}, now - 100 * dayMs),
        token('marked', invalid(daysAgo(300)), old),
        token('marked-long-ago', invalid(daysAgo(400)), old),
        token('mounted', {}, old),
        token('unreadable', used('yesterday'), old),
      ]
      client.seed(secrets, ...made, token('by-hand', {}, old))
      client.seed(serviceAccounts, {
        metadata: { name: 'robot', namespace: 'ns' },
        secrets: made.map(({ metadata }) => ({ name: metadata.name })),
      } as unknown as KubeObject)
      client.seed(pods, {
        metadata: { name: 'p', namespace: 'ns' },
        spec: { volumes: [{ name: 'v', secret: { secretName: 'mounted' } }] },
      } as unknown as KubeObject)
    },
  })
}

test('tokens that were unused for a year are marked, and a year later deleted; others are left alone', async () => {
  const harness = start(800)
  await harness.settle()
  assert.deepEqual(harness.client.writes().toSorted(), [
    'delete secrets marked-long-ago',
    'patch secrets unused',
    'patch secrets used-long-ago',
  ])
  await harness.stop()
})

test('nothing is judged before uses have been known for a year', async () => {
  const harness = start(300)
  await harness.settle()
  assert.deepEqual(harness.client.writes(), [])
  await harness.stop()
})
