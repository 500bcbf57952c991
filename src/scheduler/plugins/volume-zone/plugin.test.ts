import assert from 'node:assert/strict'
import { test } from 'node:test'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { claim, storageClass, volume } from '../volume-fixture.ts'
import { volumeZone } from './plugin.ts'

const zone = 'topology.kubernetes.io/zone'
const nodes = [node('a', { labels: { [zone]: 'a' } }), node('b', { labels: { [zone]: 'b' } }), node('anywhere')]
const using = pod('p', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })

test('a pod goes to the zone of its volume, or to a node that names none', () => {
  for (const label of [zone, 'failure-domain.beta.kubernetes.io/zone']) {
    const others = [claim('data', { volumeName: 'v' }), volume('v', { labels: { [label]: 'b' } })]
    const { filter, lookups } = fixture({ nodes, others })
    assert.deepEqual(filter(volumeZone(lookups), using), {
      a: 'unresolvable: node(s) had no available volume zone',
      b: '',
      anywhere: '',
    })
  }
  const both = [claim('data', { volumeName: 'v' }), volume('v', { labels: { [zone]: 'a__b' } })]
  const { filter, lookups } = fixture({ nodes, others: both })
  assert.deepEqual(Object.values(filter(volumeZone(lookups), using)), ['', '', ''])
})

test('a claim without a volume must wait for its consumer', () => {
  const verdict = (...others: NonNullable<Parameters<typeof fixture>[0]['others']>) => {
    const { filter, lookups } = fixture({ nodes, others })
    return filter(volumeZone(lookups), using)
  }
  assert.deepEqual(verdict(claim('data', { storageClassName: 's' }), storageClass('s')), { a: '', b: '', anywhere: '' })
  assert.equal(
    verdict(claim('data', { storageClassName: 's' }), storageClass('s', { volumeBindingMode: 'Immediate' })),
    'unresolvable: PersistentVolume had no name',
  )
  assert.equal(verdict(claim('data')), 'unresolvable: PersistentVolumeClaim had no pv name and storageClass name')
  assert.equal(verdict(), 'unresolvable: persistentvolumeclaim "data" not found')
})
