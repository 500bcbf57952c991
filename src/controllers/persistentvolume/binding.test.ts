import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { persistentVolumeController } from './controller.ts'

const volume = (name: string, storage: string, more: Partial<PersistentVolume['spec']> = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/data' },
      ...more,
    },
    status: { phase: 'Pending' },
  }) as unknown as KubeObject
const claim = (name: string, storage: string, more: Partial<PersistentVolumeClaim['spec']> = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more },
    status: { phase: 'Pending' },
  }) as unknown as KubeObject
const storageClass = (name: string, more: Partial<StorageClass>, annotations?: Record<string, string>): KubeObject =>
  ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner: 'disk.example.com',
    volumeBindingMode: 'Immediate',
    ...more,
  }) as unknown as KubeObject
const start = () => startHarness({ controllers: [persistentVolumeController] })
const theVolume = ({ client }: Harness, name: string) =>
  client.objects(persistentVolumes).find(({ metadata }) => metadata.name === name)!
const theClaim = ({ client }: Harness, name: string) =>
  client.objects(persistentVolumeClaims).find(({ metadata }) => metadata.name === name)!

test('a claim gets the smallest volume that is large enough, by four writes', async () => {
  const harness = start()
  for (const [name, size] of [
    ['small', '1Gi'],
    ['large', '10Gi'],
    ['medium', '5Gi'],
  ] as const)
    harness.client.seed(persistentVolumes, volume(name, size))
  await harness.settle()
  assert.deepEqual(
    harness.client.objects(persistentVolumes).map(({ status }) => status.phase),
    Array(3).fill('Available'),
  )
  harness.client.clearActions()
  harness.client.seed(persistentVolumeClaims, claim('data', '2Gi'))
  await harness.settle()
  const bound = theClaim(harness, 'data')
  assert.equal(bound.spec.volumeName, 'medium')
  assert.deepEqual([bound.status!.phase, bound.status!.capacity], ['Bound', { storage: '5Gi' }])
  assert.deepEqual(bound.metadata.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  })
  assert.equal(theVolume(harness, 'medium').status.phase, 'Bound')
  assert.equal(theVolume(harness, 'medium').spec.claimRef!.uid, bound.metadata.uid)
  assert.deepEqual(harness.client.writes(), [
    'update persistentvolumes medium',
    'update persistentvolumes/status medium',
    'update persistentvolumeclaims data',
    'update persistentvolumeclaims/status data',
  ])
  await harness.stop()
})

test('a claim waits for a volume to come, and says so', async () => {
  const harness = start()
  harness.client.seed(persistentVolumeClaims, claim('data', '2Gi'))
  await harness.settle()
  assert.ok(
    harness.events.includes(
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ),
  )
  harness.client.seed(persistentVolumes, volume('late', '3Gi'))
  await harness.settle()
  assert.equal(theClaim(harness, 'data').status!.phase, 'Bound')
  await harness.stop()
})

test('a volume that is reserved by name goes to that claim only, and back into reserve', async () => {
  const harness = start()
  const claimRef = { namespace: 'default', name: 'mine' }
  harness.client.seed(persistentVolumes, volume('v', '10Gi', { claimRef }))
  harness.client.seed(persistentVolumeClaims, claim('other', '1Gi'))
  await harness.settle()
  assert.equal(theClaim(harness, 'other').status!.phase, 'Pending')
  harness.client.seed(persistentVolumeClaims, claim('mine', '1Gi'))
  await harness.settle()
  assert.equal(theClaim(harness, 'mine').spec.volumeName, 'v')
  assert.equal(theVolume(harness, 'v').metadata.annotations, undefined)
  await harness.stop()
})

test('a released volume is kept, or has failed when nobody can delete it', async () => {
  const harness = start()
  harness.client.seed(persistentVolumes, volume('kept', '1Gi'))
  harness.client.seed(persistentVolumeClaims, claim('a', '1Gi'))
  await harness.settle()
  harness.client.seed(persistentVolumes, volume('doomed', '1Gi', { persistentVolumeReclaimPolicy: 'Delete' }))
  harness.client.seed(persistentVolumeClaims, claim('b', '1Gi'))
  await harness.settle()
  for (const name of ['a', 'b']) await harness.client.delete(persistentVolumeClaims, { namespace: 'default', name })
  await harness.advance(1000)
  assert.equal(theVolume(harness, 'kept').status.phase, 'Released')
  assert.equal(theVolume(harness, 'doomed').status.phase, 'Failed')
  assert.ok(harness.events.at(-1)!.endsWith('volume "doomed": no deletable volume plugin matched'))
  // A new claim of the old name does not get the old data.
  harness.client.seed(persistentVolumeClaims, claim('a', '1Gi'))
  await harness.advance(1000)
  assert.equal(theClaim(harness, 'a').status!.phase, 'Pending')
  await harness.stop()
})

test('a claim whose volume goes is lost', async () => {
  const harness = start()
  harness.client.seed(persistentVolumes, volume('v', '1Gi'))
  harness.client.seed(persistentVolumeClaims, claim('a', '1Gi'))
  await harness.settle()
  await harness.client.delete(persistentVolumes, { name: 'v' })
  await harness.advance(1000)
  assert.equal(theClaim(harness, 'a').status!.phase, 'Lost')
  assert.equal(
    harness.events.at(-1),
    'Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  )
  await harness.stop()
})

test('a claim without a class gets the default one, also later, and is marked for its provisioner', async () => {
  const harness = start()
  harness.client.seed(persistentVolumeClaims, claim('a', '1Gi'))
  await harness.settle()
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  harness.client.seed(storageClasses, storageClass('fast', {}, isDefault))
  await harness.settle()
  const marked = theClaim(harness, 'a')
  assert.equal(marked.spec.storageClassName, 'fast')
  assert.equal(marked.metadata.annotations!['volume.kubernetes.io/storage-provisioner'], 'disk.example.com')
  assert.match(
    harness.events.at(-1)!,
    /^Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'disk.example.com' or manually/,
  )
  await harness.stop()
})

test('where the scheduler chooses, a claim waits for its pod', async () => {
  const harness = start()
  harness.client.seed(storageClasses, storageClass('local', { volumeBindingMode: 'WaitForFirstConsumer' }))
  harness.client.seed(persistentVolumes, volume('v', '1Gi', { storageClassName: 'local' }))
  harness.client.seed(persistentVolumeClaims, claim('a', '1Gi', { storageClassName: 'local' }))
  await harness.settle()
  assert.equal(theClaim(harness, 'a').status!.phase, 'Pending')
  assert.equal(
    harness.events.at(-1),
    'Normal WaitForFirstConsumer waiting for first consumer to be created before binding',
  )
  harness.client.seed(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'a' } }] },
  } as unknown as KubeObject)
  await harness.settle()
  assert.equal(harness.events.at(-1), 'Normal WaitForPodScheduled waiting for pod p to be scheduled')
  // The scheduler reserves a volume.
  const claimRef = { namespace: 'default', name: 'a', uid: theClaim(harness, 'a').metadata.uid }
  await harness.client.patch(persistentVolumes, { name: 'v' }, 'merge', {
    metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { claimRef },
  })
  await harness.advance(1000)
  assert.equal(theClaim(harness, 'a').status!.phase, 'Bound')
  await harness.stop()
})

test('the volume that a claim asks for must do', async () => {
  const harness = start()
  harness.client.seed(persistentVolumes, volume('v', '1Gi'))
  harness.client.seed(persistentVolumeClaims, claim('a', '2Gi', { volumeName: 'v' }))
  await harness.settle()
  assert.ok(
    harness.events.includes('Warning VolumeMismatch Cannot bind to requested volume "v": requested PV is too small'),
  )
  assert.equal(theClaim(harness, 'a').status!.phase, 'Pending')
  await harness.stop()
})

test('no two claims get one volume, and no volume stays free that somebody waits for', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (volumes, claims) => {
      const harness = start()
      for (const [index, size] of claims.entries()) {
        harness.client.seed(persistentVolumeClaims, claim(`c${index}`, `${size}Gi`))
        if (index % 2 === 0) await harness.settle()
      }
      for (const [index, size] of volumes.entries())
        harness.client.seed(persistentVolumes, volume(`v${index}`, `${size}Gi`))
      await harness.advance(1000)
      const bound = harness.client.objects(persistentVolumeClaims).filter(({ status }) => status!.phase === 'Bound')
      assert.equal(new Set(bound.map(({ spec }) => spec.volumeName)).size, bound.length)
      const free = harness.client.objects(persistentVolumes).filter(({ status }) => status.phase === 'Available')
      const waiting = harness.client.objects(persistentVolumeClaims).filter(({ status }) => status!.phase === 'Pending')
      const gib = (text: string | undefined) => Number.parseInt(text ?? '0', 10)
      for (const { spec } of waiting)
        for (const { spec: offer } of free)
          assert.ok(gib(offer.capacity!.storage) < gib(spec.resources!.requests!.storage))
      await harness.stop()
    }),
    { numRuns: 25 },
  )
})
