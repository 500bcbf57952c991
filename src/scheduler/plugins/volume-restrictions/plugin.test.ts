import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Volume } from '../../../api/types.generated.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { claim } from '../volume-fixture.ts'
import { volumeRestrictions } from './plugin.ts'

const mounting = (name: string, volume: Omit<Volume, 'name'>, nodeName?: string) =>
  pod(name, { nodeName, volumes: [{ name: 'data', ...volume }] })

test('a disk is used by one pod of a node, unless all only read it', () => {
  const disk = (pdName: string, readOnly = false) => ({ gcePersistentDisk: { pdName, readOnly } })
  const { filter, cache, lookups } = fixture({
    nodes: [node('a'), node('b')],
    pods: [mounting('w', disk('one'), 'a'), mounting('r', disk('two', true), 'a')],
  })
  const plugin = volumeRestrictions(cache, lookups)
  const verdict = (...args: Parameters<typeof disk>) => filter(plugin, mounting('p', disk(...args)))
  assert.deepEqual(verdict('one'), { a: 'unschedulable: node(s) had no available disk', b: '' })
  assert.deepEqual(verdict('two', true), { a: '', b: '' })
  assert.deepEqual(verdict('two'), { a: 'unschedulable: node(s) had no available disk', b: '' })
})

test('a ReadWriteOncePod claim is used by one pod of the cluster', () => {
  const using = { persistentVolumeClaim: { claimName: 'mine' } }
  const others = [claim('mine', { accessModes: ['ReadWriteOncePod'] })]
  const free = fixture({ nodes: [node('a')], others })
  assert.deepEqual(free.filter(volumeRestrictions(free.cache, free.lookups), mounting('p', using)), { a: '' })
  const taken = fixture({ nodes: [node('a'), node('b')], pods: [mounting('q', using, 'a')], others })
  const reason =
    'unschedulable: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'
  assert.deepEqual(taken.filter(volumeRestrictions(taken.cache, taken.lookups), mounting('p', using)), {
    a: reason,
    b: reason,
  })
})
