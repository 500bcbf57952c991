import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { PressureMemory, pressureNames, starved } from './pressure.ts'
import { evictionMessage, rankForEviction } from './rank-pods.ts'
import { hasStorageLimit, storageLimitPassed } from './storage-limits.ts'

const pod = (name: string, spec: Partial<Pod['spec']> = {}, memory?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'n', uid: name },
  spec: { containers: [{ name: 'c', resources: memory ? { requests: { memory } } : {} }], ...spec },
  status: {},
})
const plenty = {
  memoryAvailableBytes: 1e10,
  diskAvailableBytes: 9e10,
  diskCapacityBytes: 1e11,
  inodesFree: 90,
  inodes: 100,
}
const thresholds = { memoryAvailableBytes: 1e8, nodefsAvailablePercent: 10 }
const memory = { resource: 'memory' as const, threshold: 100 * 2 ** 20, available: 50 * 2 ** 20 }

test('what is short is seen; a disk that may fill is not', () => {
  assert.deepEqual(starved(plenty, thresholds), [])
  assert.deepEqual(
    starved({ ...plenty, memoryAvailableBytes: 1e7 }, thresholds).map(({ resource }) => resource),
    ['memory'],
  )
  const full = { ...plenty, diskAvailableBytes: 1e9 }
  assert.deepEqual(
    starved(full, thresholds).map(({ resource }) => resource),
    ['ephemeral-storage'],
  )
  assert.deepEqual(starved(full, { ...thresholds, nodefsAvailablePercent: 0 }), [])
})

test('pressure stays for a while after its last sign', () => {
  const pressure = new PressureMemory(1000)
  assert.deepEqual(pressureNames(pressure.at(0)), [])
  pressure.note([memory], 0)
  assert.deepEqual(pressureNames(pressure.at(999)), ['MemoryPressure'])
  assert.deepEqual(pressureNames(pressure.at(1000)), [])
})

test('who uses more than asked goes first, then the less important, then the larger', () => {
  const pods = [pod('modest', {}, '10Mi'), pod('large'), pod('important', { priority: 5 }), pod('small')]
  const used: Record<string, number> = { modest: 2 ** 20, large: 5e7, important: 9e7, small: 1e7 }
  const usage = ({ metadata }: Pod) => new Map([['c', used[metadata.name!]!]])
  assert.deepEqual(
    rankForEviction(pods, usage, memory).map(({ metadata }) => metadata.name),
    ['large', 'small', 'important', 'modest'],
  )
})

test('the evicted is told what was short and what it used', () => {
  assert.equal(
    evictionMessage(pod('a', {}, '1Mi'), new Map([['c', 20 * 2 ** 20]]), memory),
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. Container c was using 20Mi, request is 1Mi, has larger consumption of memory. ',
  )
})

test('limits of local storage are kept', () => {
  const limited = pod('a', { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }] })
  const usage = (bytes: number) => ({ emptyDirs: new Map([['v', bytes]]), containers: new Map() })
  assert.equal(hasStorageLimit(limited), true)
  assert.equal(hasStorageLimit(pod('b')), false)
  assert.equal(storageLimitPassed(limited, usage(2 ** 20)), undefined)
  assert.equal(
    storageLimitPassed(limited, usage(2 ** 20 + 1)),
    'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
  )
  const own = pod('c', { containers: [{ name: 'c', resources: { limits: { 'ephemeral-storage': '1Mi' } } }] })
  const layers = (bytes: number) => ({ emptyDirs: new Map(), containers: new Map([['c', bytes]]) })
  assert.equal(
    storageLimitPassed(own, layers(2 ** 21)),
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
  )
})
