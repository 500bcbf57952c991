import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { volumeExpandController } from './controller.ts'

const claim = (request: string, capacity: string) =>
  ({
    metadata: { name: 'data', namespace: 'ns', uid: 'u' },
    spec: { volumeName: 'pv', resources: { requests: { storage: request } } },
    status: { phase: 'Bound', capacity: { storage: capacity } },
  }) as unknown as KubeObject

test('a claim that asks for more is told that somebody else must expand it', async () => {
  const harness = startHarness({ controllers: [volumeExpandController] })
  const { client, events } = harness
  client.seed(persistentVolumes, {
    metadata: { name: 'pv' },
    spec: { claimRef: { uid: 'u' } },
  } as unknown as KubeObject)
  const [stored] = client.seed(persistentVolumeClaims, claim('1Gi', '1024Mi'))
  await harness.settle()
  assert.deepEqual(events, [])
  const resources = { requests: { storage: '2Gi' } }
  await client.update(persistentVolumeClaims, { ...stored!, spec: { ...stored!.spec, resources } })
  await harness.settle()
  assert.deepEqual(events, ['Normal ExternalExpanding waiting for an external controller to expand this PVC'])
  await harness.stop()
})
