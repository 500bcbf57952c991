import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodes } from '../../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { csiDrivers } from '../../api/storage/v1/csi-driver.ts'
import { volumeAttachments } from '../../api/storage/v1/volume-attachment.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { attachDetachController } from './controller.ts'

const object = (metadata: object, rest: object) => ({ metadata, ...rest }) as unknown as KubeObject
const node = (name: string, status: object = {}) =>
  object(
    { name, annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
    { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }], ...status } },
  )
const pod = (name: string, nodeName: string) =>
  object(
    { name, namespace: 'ns', uid: name },
    { spec: { nodeName, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }, status: {} },
  )
const unique = 'kubernetes.io/csi/disk.example.com^h1'

async function start(accessMode = 'ReadWriteOnce', attachRequired = true): Promise<Harness> {
  const harness = startHarness({ controllers: [attachDetachController] })
  const { client } = harness
  client.seed(nodes, node('n1'), node('n2'))
  client.seed(csiDrivers, object({ name: 'disk.example.com' }, { spec: { attachRequired } }))
  client.seed(
    persistentVolumeClaims,
    object({ name: 'data', namespace: 'ns', uid: 'c' }, { spec: { volumeName: 'pv' } }),
  )
  const csi = { driver: 'disk.example.com', volumeHandle: 'h1' }
  const claimRef = { namespace: 'ns', name: 'data', uid: 'c' }
  client.seed(persistentVolumes, object({ name: 'pv' }, { spec: { csi, claimRef, accessModes: [accessMode] } }))
  await harness.settle()
  return harness
}

/** What the driver's attacher does. */
async function answer({ client }: Harness, status: object): Promise<void> {
  for (const attachment of client.objects(volumeAttachments))
    await client.update(volumeAttachments, { ...attachment, status } as never, { subresource: 'status' })
}
const attachedTo = ({ client }: Harness, name: string) =>
  client
    .objects(nodes)
    .find(({ metadata }) => metadata.name === name)
    ?.status?.volumesAttached?.map((one) => one.name)

test('a volume is attached for the first pod of a node, and detached after the last, once the node has let go', async () => {
  const harness = await start()
  harness.client.seed(pods, pod('a', 'n1'), pod('b', 'n1'))
  await harness.settle()
  const [attachment, ...more] = harness.client.objects(volumeAttachments)
  assert.deepEqual(more, [])
  assert.match(attachment!.metadata.name!, /^csi-[0-9a-f]{64}$/)
  assert.deepEqual(attachment!.spec, {
    attacher: 'disk.example.com',
    nodeName: 'n1',
    source: { persistentVolumeName: 'pv' },
  })
  assert.equal(attachedTo(harness, 'n1'), undefined)
  await answer(harness, { attached: true })
  await harness.settle()
  assert.deepEqual(attachedTo(harness, 'n1'), [unique])
  assert.deepEqual(
    harness.events,
    Array(2).fill('Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "pv" '),
  )

  await harness.client.patch(
    nodes,
    { name: 'n1' },
    'merge',
    { status: { volumesInUse: [unique] } },
    { subresource: 'status' },
  )
  for (const name of ['a', 'b']) await harness.client.delete(pods, { namespace: 'ns', name }, { gracePeriodSeconds: 0 })
  await harness.settle()
  assert.equal(harness.client.objects(volumeAttachments).length, 1)
  harness.client.clearActions()
  await harness.client.patch(
    nodes,
    { name: 'n1' },
    'merge',
    { status: { volumesInUse: null } },
    { subresource: 'status' },
  )
  await harness.settle()
  assert.deepEqual(harness.client.writes().slice(1), [
    'patch nodes/status n1',
    `delete volumeattachments ${attachment!.metadata.name}`,
  ])
  await harness.stop()
})

test('a volume for one node waits until it has left the other, and its pods are told who has it', async () => {
  const harness = await start()
  harness.client.seed(pods, pod('a', 'n1'))
  await harness.settle()
  await answer(harness, { attached: true })
  harness.client.seed(pods, pod('b', 'n2'))
  await harness.settle()
  assert.equal(
    harness.events.at(-1),
    'Warning FailedAttachVolume Waiting for detach for volume "pv" Volume is already used by pod(s) a',
  )
  assert.equal(harness.client.objects(volumeAttachments).length, 1)
  await harness.client.delete(pods, { namespace: 'ns', name: 'a' }, { gracePeriodSeconds: 0 })
  await harness.settle()
  assert.deepEqual(
    harness.client.objects(volumeAttachments).map(({ spec }) => spec.nodeName),
    ['n2'],
  )
  await harness.stop()
})

test('a volume for many nodes is attached to each', async () => {
  const harness = await start('ReadWriteMany')
  harness.client.seed(pods, pod('a', 'n1'), pod('b', 'n2'))
  await harness.settle()
  assert.equal(harness.client.objects(volumeAttachments).length, 2)
  await harness.stop()
})

test('a node that is not well loses a volume after six minutes, one out of service at once', async () => {
  for (const isOut of [false, true]) {
    const harness = await start()
    const conditions = [{ type: 'Ready', status: 'Unknown' }]
    const status = { conditions, volumesInUse: [unique] }
    await harness.client.patch(nodes, { name: 'n1' }, 'merge', { status }, { subresource: 'status' })
    const taints = isOut ? [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] : []
    await harness.client.patch(nodes, { name: 'n1' }, 'merge', { spec: { taints } })
    harness.client.seed(pods, pod('a', 'n1'))
    await harness.settle()
    await harness.client.delete(pods, { namespace: 'ns', name: 'a' }, { gracePeriodSeconds: 0 })
    await harness.advance(5 * 60_000)
    assert.equal(harness.client.objects(volumeAttachments).length, isOut ? 0 : 1)
    await harness.advance(61_000)
    assert.equal(harness.client.objects(volumeAttachments).length, 0)
    await harness.stop()
  }
})

test('what a driver cannot do is told; what needs no attaching is left alone', async () => {
  const harness = await start()
  harness.client.seed(pods, pod('a', 'n1'))
  await harness.settle()
  await answer(harness, { attached: false, attachError: { message: 'no such disk' } })
  await harness.settle()
  assert.deepEqual(harness.events, [
    'Warning FailedAttachVolume AttachVolume.Attach failed for volume "pv" : no such disk',
  ])
  await harness.stop()
  const other = await start('ReadWriteOnce', false)
  other.client.seed(pods, pod('a', 'n1'))
  await other.settle()
  assert.deepEqual(other.client.objects(volumeAttachments), [])
  await other.stop()
})
