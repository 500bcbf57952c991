import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Affinity, PodAffinityTerm } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { argumentsOf } from '../../configuration/defaults.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { interPodAffinity } from './plugin.ts'

const zone = 'topology.kubernetes.io/zone'
const host = 'kubernetes.io/hostname'
const nodes = [
  node('a1', { labels: { [zone]: 'a' } }),
  node('a2', { labels: { [zone]: 'a' } }),
  node('b1', { labels: { [zone]: 'b' } }),
  node('none'),
]
const term = (topologyKey: string, labels: Record<string, string>, more: Partial<PodAffinityTerm> = {}) => ({
  topologyKey,
  labelSelector: { matchLabels: labels },
  ...more,
})
const near = (...terms: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const away = (...terms: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const setup = (...pods: ReturnType<typeof pod>[]) => {
  const others = ['default', 'other'].map(
    (name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: name } } }),
  )
  const cluster = fixture({ nodes, pods, others })
  const plugin = interPodAffinity(argumentsOf('InterPodAffinity'), cluster.cache, cluster.lookups)
  return {
    ...cluster,
    plugin,
    fitting: (wanting: ReturnType<typeof pod>) => {
      const answer = cluster.filter(plugin, wanting) as Record<string, string>
      return Object.keys(answer).filter((name) => answer[name] === '')
    },
    verdict: (name: string, wanting: ReturnType<typeof pod>) =>
      (cluster.filter(plugin, wanting) as Record<string, string>)[name],
  }
}
const db = pod('db', { nodeName: 'a1', labels: { app: 'db' } })

test('a pod goes into the domain of the pods it wants near', () => {
  const { fitting, verdict } = setup(db)
  assert.deepEqual(fitting(pod('p', { affinity: near(term(zone, { app: 'db' })) })).sort(), ['a1', 'a2'])
  assert.deepEqual(fitting(pod('p', { affinity: near(term(host, { app: 'db' })) })), ['a1'])
  assert.equal(
    verdict('b1', pod('p', { affinity: near(term(zone, { app: 'db' })) })),
    "unresolvable: node(s) didn't match pod affinity rules",
  )
})

test('all terms must find their pods', () => {
  const { fitting } = setup(db, pod('cache', { nodeName: 'a2', labels: { app: 'db', tier: 'fast' } }))
  const both = near(term(zone, { app: 'db' }), term(host, { tier: 'fast' }))
  assert.deepEqual(fitting(pod('p', { affinity: both })), ['a2'])
  const nobody = near(term(zone, { app: 'db' }), term(host, { app: 'nobody' }))
  assert.deepEqual(fitting(pod('p', { affinity: nobody })), [])
})

test('the first of a group that wants its own like is let in, where there is a domain', () => {
  const { fitting } = setup()
  const own = pod('p', { labels: { app: 'new' }, affinity: near(term(zone, { app: 'new' })) })
  assert.deepEqual(fitting(own).sort(), ['a1', 'a2', 'b1'])
  assert.deepEqual(fitting(pod('p', { affinity: near(term(zone, { app: 'new' })) })), [])
})

test('a pod keeps out of the domain of the pods it does not want near', () => {
  const { fitting, verdict } = setup(db)
  assert.deepEqual(fitting(pod('p', { affinity: away(term(zone, { app: 'db' })) })).sort(), ['b1', 'none'])
  assert.equal(
    verdict('a2', pod('p', { affinity: away(term(zone, { app: 'db' })) })),
    "unschedulable: node(s) didn't match pod anti-affinity rules",
  )
})

test('a pod keeps out of the domain of pods that do not want it', () => {
  const hermit = pod('hermit', { nodeName: 'b1', affinity: away(term(zone, { app: 'web' })) })
  const { fitting, verdict } = setup(hermit)
  assert.deepEqual(fitting(pod('p', { labels: { app: 'web' } })).sort(), ['a1', 'a2', 'none'])
  assert.equal(
    verdict('b1', pod('p', { labels: { app: 'web' } })),
    "unschedulable: node(s) didn't satisfy existing pods anti-affinity rules",
  )
  assert.equal(fitting(pod('p', { labels: { app: 'other' } })).length, 4)
})

test('terms mean the pod’s own namespace, the ones they list, or those they select', () => {
  const { fitting } = setup(pod('db', { nodeName: 'a1', labels: { app: 'db' }, namespace: 'other' }))
  const wanting = (more: Partial<PodAffinityTerm>) =>
    fitting(pod('p', { affinity: near(term(host, { app: 'db' }, more)) }))
  assert.deepEqual(wanting({}), [])
  assert.deepEqual(wanting({ namespaces: ['other'] }), ['a1'])
  assert.deepEqual(wanting({ namespaceSelector: { matchLabels: { team: 'other' } } }), ['a1'])
  assert.deepEqual(wanting({ namespaceSelector: {} }), ['a1'])
})

test('preferences of the pod, and of those that are there, weigh domains', () => {
  const { score, plugin } = setup(db, pod('noisy', { nodeName: 'b1', labels: { app: 'noisy' } }))
  const wish = (weight: number, app: string) => ({ weight, podAffinityTerm: term(zone, { app }) })
  const affinity: Affinity = {
    podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish(10, 'db')] },
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish(10, 'noisy')] },
  }
  assert.deepEqual(score(plugin, pod('p', { affinity })), { a1: 100, a2: 100, b1: 0, none: 50 })
  assert.equal(score(plugin, pod('p')), 'skip')
})

test('pods that want others near draw them', () => {
  const { score, plugin } = setup(
    pod('lonely', { nodeName: 'b1', affinity: near(term(zone, { app: 'web' })), labels: { app: 'web' } }),
  )
  assert.deepEqual(score(plugin, pod('p', { labels: { app: 'web' } })), { a1: 0, a2: 0, b1: 100, none: 0 })
})

test('a pod is tried again when a pod that it wants comes, or one that it does not want goes', () => {
  const { wakes, plugin } = setup()
  const wanting = pod('p', { affinity: near(term(zone, { app: 'db' })) })
  const shunning = pod('p', { affinity: away(term(zone, { app: 'db' })) })
  const other = pod('o', { nodeName: 'a1', labels: { app: 'other' } })
  assert.equal(wakes(plugin, 'AssignedPod', wanting, undefined, db), true)
  assert.equal(wakes(plugin, 'AssignedPod', wanting, undefined, other), false)
  assert.equal(wakes(plugin, 'AssignedPod', shunning, db, undefined), true)
  assert.equal(wakes(plugin, 'AssignedPod', shunning, other, undefined), false)
  assert.equal(wakes(plugin, 'Node', wanting, node('x'), node('x', { labels: { [zone]: 'c' } })), true)
})
