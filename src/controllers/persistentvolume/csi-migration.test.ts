import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import { startHarness } from '../runtime/harness.ts'
import { persistentVolumeController } from './controller.ts'
import { migratedTo, withMigration } from './csi-migration.ts'

const provisionedBy = 'pv.kubernetes.io/provisioned-by'
const ebs = 'kubernetes.io/aws-ebs'
const driver = 'ebs.csi.aws.com'

test('the mark follows the provisioner, and comes or goes only when it must', () => {
  const marks = (annotations: Record<string, string>) =>
    withMigration({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { annotations } }, [provisionedBy])?.metadata
      .annotations
  assert.deepEqual(marks({ [provisionedBy]: ebs }), { [provisionedBy]: ebs, [migratedTo]: driver })
  assert.equal(marks({ [provisionedBy]: ebs, [migratedTo]: driver }), undefined)
  assert.deepEqual(marks({ [provisionedBy]: 'x', [migratedTo]: driver }), { [provisionedBy]: 'x' })
  assert.equal(marks({ [migratedTo]: driver }), undefined)
  assert.equal(marks({ [provisionedBy]: 'x' }), undefined)
})

test('a claim of an in-tree class is handed to the driver that took over', async () => {
  const { client, events, settle, stop } = startHarness({ controllers: [persistentVolumeController] })
  client.seed(storageClasses, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'ebs' },
    provisioner: ebs,
    volumeBindingMode: 'Immediate',
  } as never)
  client.seed(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name: 'a' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'ebs', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Pending' },
  } as never)
  await settle()
  assert.deepEqual(client.objects(persistentVolumeClaims)[0]?.metadata.annotations, {
    'volume.beta.kubernetes.io/storage-provisioner': driver,
    'volume.kubernetes.io/storage-provisioner': driver,
  })
  assert.match(events[0] ?? '', /^Normal ExternalProvisioning .*'ebs\.csi\.aws\.com'/)
  await stop()
})

test('a volume of a migrated plugin is marked, and left to its driver when it is released', async () => {
  const { client, events, settle, stop } = startHarness({ controllers: [persistentVolumeController] })
  client.seed(persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: 'v',
      annotations: { [provisionedBy]: ebs },
      finalizers: ['kubernetes.io/pv-controller', 'kubernetes.io/pv-protection'],
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'default', name: 'gone', uid: 'u' },
    },
    status: { phase: 'Bound' },
  } as never)
  await settle()
  const [volume] = client.objects(persistentVolumes)
  assert.equal(volume?.metadata.annotations?.[migratedTo], driver)
  assert.deepEqual(volume?.metadata.finalizers, ['kubernetes.io/pv-protection'])
  assert.equal(volume?.status.phase, 'Released')
  assert.deepEqual(events, [])
  await stop()
})
