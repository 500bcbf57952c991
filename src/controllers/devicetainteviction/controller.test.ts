import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import { resourceSlices } from '../../api/resource/v1/resource-slice.ts'
import { formatTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { deviceTaintEvictionController } from './controller.ts'

const start = () => startHarness({ controllers: [deviceTaintEvictionController] })
type Harness = ReturnType<typeof start>
const pod = {
  metadata: { name: 'web', namespace: 'ns', uid: 'u' },
  spec: { nodeName: 'n', resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] },
} as unknown as KubeObject
const claim = (tolerations: object[] = []) =>
  ({
    metadata: { name: 'mine', namespace: 'ns', uid: 'c' },
    spec: {},
    status: {
      allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'gpu', tolerations }] } },
      reservedFor: [{ resource: 'pods', name: 'web', uid: 'u' }],
    },
  }) as unknown as KubeObject
const slice = (effect: string, timeAdded: string) =>
  ({
    metadata: { name: 's' },
    spec: {
      driver: 'd',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu', taints: [{ key: 'broken', effect, timeAdded }] }],
    },
  }) as unknown as KubeObject
async function seeded(harness: Harness, effect: string, tolerations: object[] = []) {
  harness.client.seed(resourceClaims, claim(tolerations))
  harness.client.seed(pods, pod)
  harness.client.seed(resourceSlices, slice(effect, formatTime(harness.clock.now())))
  await harness.settle()
}
const left = (harness: Harness) =>
  harness.client.objects(pods).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length

test('a pod whose device gets a NoExecute taint goes, and hears why', async () => {
  const harness = start()
  await seeded(harness, 'NoExecute')
  assert.equal(left(harness), 0)
  assert.deepEqual(harness.events, ['Normal DeviceTaintManagerEviction Marking for deletion'])
  await harness.stop()
})

test('other effects and what is tolerated for ever drive nobody out', async () => {
  for (const [effect, tolerations] of [
    ['NoSchedule', []],
    ['None', []],
    ['NoExecute', [{ key: 'broken', operator: 'Exists', effect: 'NoExecute' }]],
  ] as const) {
    const harness = start()
    await seeded(harness, effect, [...tolerations])
    assert.equal(left(harness), 1, effect)
    await harness.stop()
  }
})

test('a taint that is tolerated for some time drives out then, unless it is gone before', async () => {
  const tolerations = [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }]
  const gone = start()
  await seeded(gone, 'NoExecute', tolerations)
  assert.equal(left(gone), 1)
  await gone.clock.advance(61_000)
  await gone.settle()
  assert.equal(left(gone), 0)
  await gone.stop()
  const spared = start()
  await seeded(spared, 'NoExecute', tolerations)
  const devices = [{ name: 'gpu' }]
  await spared.client.patch(resourceSlices, { name: 's' }, 'merge', { spec: { devices } })
  await spared.clock.advance(61_000)
  await spared.settle()
  assert.equal(left(spared), 1)
  assert.deepEqual(spared.events, ['Normal DeviceTaintManagerEviction Cancelling deletion'])
  await spared.stop()
})
