import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.ts'
import { storageClasses } from '../../../api/storage/v1/storage-class.ts'
import { fakeClient } from '../../../client/fake/fake-client.ts'
import { VirtualClock } from '../../../machinery/clock.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { harness, node, pod } from '../../scheduler-harness.ts'
import { argumentsOf } from '../../configuration/defaults.ts'
import { fixture } from '../fixture.ts'
import { claim, storageClass, volume } from '../volume-fixture.ts'
import { VolumeBinder } from './binder.ts'
import { bindCompleted, selectedNode } from './claims.ts'
import { volumeBinding } from './plugin.ts'

const nodes = [node('a'), node('b')]
const using = (...names: string[]) =>
  pod('p', {
    volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  })
const verdict = (wanting: ReturnType<typeof pod>, ...others: KubeObject[]) => {
  const { lookups, filter } = fixture({ nodes, others })
  const binder = new VolumeBinder(fakeClient(), new VirtualClock(), lookups, 600_000)
  return filter(volumeBinding(argumentsOf('VolumeBinding'), lookups, binder), wanting)
}

test('a pod waits for its claims', () => {
  assert.equal(verdict(using('data')), 'unresolvable: persistentvolumeclaim "data" not found')
  assert.equal(
    verdict(
      using('data'),
      claim('data', { storageClassName: 'fast' }),
      storageClass('fast', { volumeBindingMode: 'Immediate' }),
    ),
    'unresolvable: pod has unbound immediate PersistentVolumeClaims',
  )
  assert.equal(
    verdict(using('data'), claim('data', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
    'unresolvable: persistentvolumeclaim "data" is being deleted',
  )
  const scratch = pod('p', { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } }] })
  assert.equal(
    verdict(scratch),
    'unresolvable: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"',
  )
})

test('a pod goes where its volume is', () => {
  const bound = claim('data', { volumeName: 'v' })
  assert.deepEqual(verdict(using('data'), bound, volume('v', { node: 'b' })), {
    a: "unresolvable: node(s) didn't match PersistentVolume's node affinity",
    b: '',
  })
  const lost = 'unresolvable: node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'
  assert.deepEqual(verdict(using('data'), bound), { a: lost, b: lost })
})

test('a claim that waits for a node needs a volume there, large enough and free', () => {
  const waiting = claim('data', { storageClassName: 'local' })
  const local = storageClass('local')
  const none = "unresolvable: node(s) didn't find available persistent volumes to bind"
  assert.deepEqual(verdict(using('data'), waiting, local, volume('v', { node: 'a' })), { a: '', b: none })
  assert.deepEqual(verdict(using('data'), waiting, local, volume('v', { node: 'a', size: '1Mi' })), {
    a: none,
    b: none,
  })
  assert.deepEqual(verdict(using('data'), waiting, local, volume('v', { node: 'a', className: 'other' })), {
    a: none,
    b: none,
  })
  const two = [claim('one', { storageClassName: 'local' }), claim('two', { storageClassName: 'local' })]
  assert.deepEqual(verdict(using('one', 'two'), ...two, local, volume('v', { node: 'a' })), { a: none, b: none })
})

test('a class with a provisioner does anywhere that its topology allows', () => {
  const waiting = claim('data', { storageClassName: 'made' })
  assert.deepEqual(verdict(using('data'), waiting, storageClass('made', { provisioner: 'x.io/p' })), { a: '', b: '' })
  const allowedTopologies = [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['b'] }] }]
  const only = verdict(using('data'), waiting, storageClass('made', { provisioner: 'x.io/p', allowedTopologies }))
  assert.deepEqual(
    Object.values(only).map((text) => text === ''),
    [false, true],
  )
  const chosen = claim('data', { storageClassName: 'made' }, { annotations: { [selectedNode]: 'a' } })
  const there = verdict(using('data'), chosen, storageClass('made', { provisioner: 'x.io/p' }))
  assert.deepEqual(
    Object.values(there).map((text) => text === ''),
    [true, false],
  )
})

test('the smallest volume that does is bound before the pod is', async () => {
  const cluster = await harness()
  const { client } = cluster
  cluster.addNodes(...nodes)
  client.seed(storageClasses, storageClass('local'))
  client.seed(persistentVolumes, volume('big', { node: 'b', size: '10Gi' }), volume('fit', { node: 'b', size: '2Gi' }))
  client.seed(persistentVolumeClaims, claim('data', { storageClassName: 'local' }))
  await cluster.start()
  await cluster.addPods(using('data'))
  await cluster.pass(2000)
  const fit = await client.get(persistentVolumes, { name: 'fit' })
  assert.equal(fit.spec?.claimRef?.name, 'data')
  assert.equal(fit.metadata.annotations?.['pv.kubernetes.io/bound-by-controller'], 'yes')
  assert.equal(await cluster.nodeOf('p'), '', 'the claim is not bound yet')
  await client.patch(persistentVolumeClaims, { namespace: 'default', name: 'data' }, 'merge', {
    metadata: { annotations: { [bindCompleted]: 'yes' } },
    spec: { volumeName: 'fit' },
  })
  await cluster.pass(2000)
  assert.equal(await cluster.nodeOf('p'), 'b')
  await cluster.stop()
})

test('a provisioner is told the node, and the pod bound when it is done', async () => {
  const cluster = await harness()
  const { client } = cluster
  cluster.addNodes(node('a'))
  client.seed(storageClasses, storageClass('made', { provisioner: 'x.io/p' }))
  client.seed(persistentVolumeClaims, claim('data', { storageClassName: 'made' }))
  await cluster.start()
  await cluster.addPods(using('data'))
  const key = { namespace: 'default', name: 'data' }
  const asked = await client.get(persistentVolumeClaims, key)
  assert.equal(asked.metadata.annotations?.[selectedNode], 'a')
  client.seed(persistentVolumes, volume('made-1'))
  await client.patch(persistentVolumeClaims, key, 'merge', {
    metadata: { annotations: { [bindCompleted]: 'yes' } },
    spec: { volumeName: 'made-1' },
  })
  await cluster.pass(2000)
  assert.equal(await cluster.nodeOf('p'), 'a')
  await cluster.stop()
})

test('a provisioner that gives up sends the pod back', async () => {
  const cluster = await harness()
  const { client } = cluster
  cluster.addNodes(node('a'))
  client.seed(storageClasses, storageClass('made', { provisioner: 'x.io/p' }))
  client.seed(persistentVolumeClaims, claim('data', { storageClassName: 'made' }))
  await cluster.start()
  await cluster.addPods(using('data'))
  await client.patch(persistentVolumeClaims, { namespace: 'default', name: 'data' }, 'merge', {
    metadata: { annotations: { [selectedNode]: null } },
  })
  await cluster.pass(1500)
  assert.equal((await cluster.condition('p'))?.message, 'binding volumes: provisioning failed for PVC "data"')
  await cluster.stop()
})
