import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodes } from '../../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { persistentVolumeController } from '../persistentvolume/controller.ts'
import { startHarness, type Harness } from '../runtime/harness.ts'
import { localVolumeProvisioner } from './controller.ts'

const claim = (spec: object = {}, annotations: object = { 'volume.kubernetes.io/selected-node': 'n1' }) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default', annotations },
    spec: {
      storageClassName: 'standard',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
    status: { phase: 'Pending' },
  }) as unknown as KubeObject

async function start(volumeBindingMode = 'WaitForFirstConsumer'): Promise<Harness> {
  const harness = startHarness({
    controllers: [persistentVolumeController, localVolumeProvisioner],
    options: { localVolumeFolder: '/volumes' },
  })
  const standard = { metadata: { name: 'standard' }, provisioner: 'local-volumes.skiff', volumeBindingMode }
  harness.client.seed(storageClasses, standard as unknown as KubeObject)
  const labels = { 'kubernetes.io/hostname': 'host1' }
  harness.client.seed(nodes, { metadata: { name: 'n1', labels } } as unknown as KubeObject)
  await harness.settle()
  return harness
}

test('a claim gets a folder of the node that the scheduler chose, and the folder goes with the claim', async () => {
  const harness = await start()
  harness.client.seed(persistentVolumeClaims, claim())
  await harness.settle()
  const [volume] = harness.client.objects(persistentVolumes)
  const [bound] = harness.client.objects(persistentVolumeClaims)
  const uid = bound!.metadata.uid
  assert.equal(volume!.metadata.name, `pvc-${uid}`)
  assert.deepEqual(volume!.spec.hostPath, { path: `/volumes/pvc-${uid}_default_data`, type: 'Directory' })
  assert.deepEqual(volume!.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values, ['host1'])
  assert.deepEqual([volume!.spec.capacity, volume!.spec.persistentVolumeReclaimPolicy], [{ storage: '1Gi' }, 'Delete'])
  assert.deepEqual([bound!.status?.phase, bound!.spec.volumeName], ['Bound', `pvc-${uid}`])
  assert.deepEqual(
    harness.events.filter((event) => / Provisioning/.test(event)),
    [
      'Normal Provisioning External provisioner is provisioning volume for claim "default/data"',
      `Normal ProvisioningSucceeded Successfully provisioned volume pvc-${uid}`,
    ],
  )
  await harness.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' })
  await harness.settle()
  assert.deepEqual(harness.client.objects(persistentVolumes), [])
  await harness.stop()
})

test('without a node that was chosen a claim waits', async () => {
  const harness = await start()
  harness.client.seed(persistentVolumeClaims, claim({}, {}))
  await harness.settle()
  assert.deepEqual(harness.client.objects(persistentVolumes), [])
  await harness.stop()
})

test('what cannot be is told', async () => {
  for (const [mode, spec, why] of [
    ['WaitForFirstConsumer', { volumeMode: 'Block' }, 'a local volume is a folder, and no block device'],
    ['WaitForFirstConsumer', { selector: {} }, 'claim.Spec.Selector is not supported'],
    ['Immediate', {}, 'its volumeBindingMode must be WaitForFirstConsumer'],
  ] as const) {
    const harness = await start(mode)
    harness.client.seed(persistentVolumeClaims, claim(spec, mode === 'Immediate' ? {} : undefined))
    await harness.settle()
    assert.deepEqual(harness.client.objects(persistentVolumes), [])
    assert.ok(
      harness.events.includes(
        `Warning ProvisioningFailed failed to provision volume with StorageClass "standard": ${why}`,
      ),
    )
    await harness.stop()
  }
})
