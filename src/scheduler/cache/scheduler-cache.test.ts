import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pod } from '../../api/types.generated.ts'
import { selectorOfLabels } from '../../machinery/labels/selector.ts'
import { node, pod } from '../scheduler-harness.ts'
import { PodInfo } from './pod-info.ts'
import { SchedulerCache } from './scheduler-cache.ts'

const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0)
const named = (name: string, options: Parameters<typeof pod>[1] = {}): Pod =>
  pod(name, {
    ...options,
    metadata: { name, namespace: 'default', uid: name, labels: options.labels, ...options.metadata },
  })

test('what is summed up as pods come and go is what is there', () => {
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'a' } } }
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  const step = fc.record({
    uid: fc.constantFrom('1', '2', '3', '4'),
    act: fc.constantFrom('set' as const, 'set' as const, 'remove' as const, 'assume' as const, 'forget' as const),
    on: fc.constantFrom('x', 'y', 'unknown'),
    app: fc.constantFrom('a', 'b'),
    cpu: fc.constantFrom('100m', '1'),
    picky: fc.boolean(),
    leaving: fc.boolean(),
  })
  const selector = selectorOfLabels({ app: 'a' })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = new SchedulerCache()
      cache.setNode(node('x'))
      cache.setNode(node('y'))
      const model = new Map<string, PodInfo>()
      const assumed = new Set<string>()
      for (const { uid, act, on, app, cpu, picky, leaving } of steps) {
        const item = named(uid, {
          nodeName: act === 'assume' ? undefined : on,
          labels: { app },
          requests: { cpu },
          affinity: picky ? affinity : undefined,
          metadata: leaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
        })
        if (act === 'set') {
          cache.setPod(item)
          model.set(uid, new PodInfo(item))
          assumed.delete(uid)
        } else if (act === 'remove') {
          cache.removePod(uid)
          model.delete(uid)
          assumed.delete(uid)
        } else if (act === 'assume') {
          if (model.has(uid)) assert.throws(() => cache.assume(new PodInfo(item), on))
          else {
            model.set(uid, cache.assume(new PodInfo(item), on))
            assumed.add(uid)
          }
        } else {
          cache.forget(uid)
          if (assumed.delete(uid)) model.delete(uid)
        }
        const all = [...model.values()]
        for (const name of ['x', 'y']) {
          const there = all.filter(({ nodeName }) => nodeName === name)
          assert.equal(cache.node(name)!.pods.size, there.length)
          assert.equal(cache.node(name)!.requested.milliCpu, sum(there.map(({ requests }) => requests.milliCpu)))
        }
        const staying = all.filter(({ labels, terminating }) => labels?.app === 'a' && !terminating)
        assert.equal(sum(cache.counts.byNode('default', selector, false).values()), staying.length)
        const every = all.filter(({ labels }) => labels?.app === 'a')
        assert.equal(sum(cache.counts.byNode('default', selector, true).values()), every.length)
        const terms = [...cache.antiAffinity.all()].flatMap(({ byNode }) => [...byNode.values()])
        assert.equal(sum(terms), all.filter(({ requiredAntiAffinity }) => requiredAntiAffinity.length > 0).length)
        for (const { uid } of all) assert.equal(cache.isAssumed(uid), assumed.has(uid))
      }
    }),
  )
})

test('nodes are listed zone by turn', () => {
  const cache = new SchedulerCache()
  const zone = (name: string, value: string) => node(name, { labels: { 'topology.kubernetes.io/zone': value } })
  for (const item of [zone('a1', 'a'), zone('a2', 'a'), zone('a3', 'a'), zone('b1', 'b'), zone('c1', 'c')])
    cache.setNode(item)
  assert.deepEqual(
    cache.nodes.map(({ name }) => name),
    ['a1', 'b1', 'c1', 'a2', 'a3'],
  )
})

test('a node that goes and comes again has its pods again', () => {
  const cache = new SchedulerCache()
  cache.setNode(node('x'))
  cache.setPod(named('1', { nodeName: 'x' }))
  cache.removeNode('x')
  assert.equal(cache.node('x'), undefined)
  assert.deepEqual(cache.nodes, [])
  cache.setNode(node('x'))
  assert.equal(cache.node('x')?.pods.size, 1)
})
