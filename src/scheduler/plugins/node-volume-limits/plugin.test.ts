import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolume } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { claim, storageClass, volume } from '../volume-fixture.ts'
import { nodeVolumeLimits } from './plugin.ts'

const driver = 'disk.example.com'
const using = (name: string, claimName: string, nodeName?: string) =>
  pod(name, { nodeName, volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] })
const disk = (name: string): PersistentVolume => {
  const plain = volume(name)
  return { ...plain, kind: 'PersistentVolume', spec: { ...plain.spec, csi: { driver, volumeHandle: name } } }
}
const bound = (name: string) => [claim(name, { volumeName: `disk-${name}` }), disk(`disk-${name}`)]
const csiNode = (name: string, count?: number) =>
  ({
    kind: 'CSINode',
    metadata: { name },
    spec: { drivers: [{ name: driver, allocatable: count === undefined ? undefined : { count } }] },
  }) as unknown as KubeObject
const attachment = (name: string, nodeName: string) =>
  ({
    kind: 'VolumeAttachment',
    metadata: { name },
    spec: { attacher: driver, nodeName, source: { persistentVolumeName: name } },
  }) as unknown as KubeObject
const nodes = [node('a'), node('b'), node('c')]
const full = 'unschedulable: node(s) exceed max volume count'

test('a node takes no more volumes of a driver than it can attach; a volume that is there already counts once', () => {
  const others = [...bound('one'), ...bound('two'), csiNode('a', 1), csiNode('b', 2), csiNode('c')]
  const { filter, lookups } = fixture({ nodes, pods: [using('first', 'one', 'a'), using('other', 'one', 'b')], others })
  assert.deepEqual(filter(nodeVolumeLimits(lookups), using('p', 'two')), { a: full, b: '', c: '' })
  assert.deepEqual(filter(nodeVolumeLimits(lookups), using('p', 'one')), { a: '', b: '', c: '' })
})

test('what is attached for nobody counts too, and so does a claim whose volume is still to be made', () => {
  const others = [
    disk('leftover'),
    attachment('leftover', 'a'),
    claim('new', { storageClassName: 's' }),
    storageClass('s', { provisioner: driver }),
    csiNode('a', 1),
    csiNode('b', 1),
  ]
  const { filter, lookups } = fixture({ nodes, others })
  assert.deepEqual(filter(nodeVolumeLimits(lookups), using('p', 'new')), { a: full, b: '', c: '' })
})

test('a driver can keep pods from nodes on which it is not installed', () => {
  const csiDriver = { kind: 'CSIDriver', metadata: { name: driver }, spec: { preventPodSchedulingIfMissing: true } }
  const others = [...bound('one'), csiDriver as unknown as KubeObject, csiNode('a')]
  const { filter, lookups } = fixture({ nodes, others })
  const missing = `unschedulable: ${driver} CSI driver is not installed on the node`
  assert.deepEqual(filter(nodeVolumeLimits(lookups), using('p', 'one')), { a: '', b: missing, c: missing })
})

test('a pod that waits is tried again when a limit rises or a volume leaves', () => {
  const { lookups, wakes } = fixture({ nodes })
  const plugin = nodeVolumeLimits(lookups)
  const waiting = using('p', 'one')
  assert.equal(wakes(plugin, 'CSINode', waiting, csiNode('a', 1), csiNode('a', 2)), true)
  assert.equal(wakes(plugin, 'VolumeAttachment', waiting, attachment('x', 'a'), undefined), true)
  assert.equal(wakes(plugin, 'AssignedPod', waiting, undefined, pod('plain', { nodeName: 'a' })), false)
})
