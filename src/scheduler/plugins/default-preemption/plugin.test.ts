import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodDisruptionBudget } from '../../../api/types.generated.ts'
import { PodInfo } from '../../cache/pod-info.ts'
import { everywhere } from '../../framework/chosen-plugins.ts'
import { CycleState } from '../../framework/cycle-state.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { PluginRunner } from '../../framework/plugin-runner.ts'
import { Nominator } from '../../queue/nominator.ts'
import { argumentsOf } from '../../configuration/defaults.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { interPodAffinity } from '../inter-pod-affinity/plugin.ts'
import { nodeResourcesFit } from '../node-resources-fit/plugin.ts'
import { pickNode } from './pick-node.ts'
import { type Candidate, selectVictims, splitByBudget } from './victims.ts'

const small = node('n', { allocatable: { cpu: '4' } })
const on = (name: string, cpu: string, priority: number, more: Parameters<typeof pod>[1] = {}) =>
  pod(name, { nodeName: 'n', requests: { cpu }, priority, ...more })
const started = (minute: number) => ({ phase: 'Running' as const, startTime: `2026-01-01T00:0${minute}:00Z` })

function victimsFor(
  wanting: ReturnType<typeof pod>,
  pods: ReturnType<typeof pod>[],
  options: {
    budgets?: PodDisruptionBudget[]
    plugins?: (cluster: ReturnType<typeof fixture>) => SchedulerPlugin[]
  } = {},
) {
  const cluster = fixture({ nodes: [small], pods })
  const plugins = [nodeResourcesFit(argumentsOf('NodeResourcesFit')), ...(options.plugins?.(cluster) ?? [])]
  const runner = new PluginRunner(everywhere(plugins), new Nominator())
  const state = new CycleState()
  const info = new PodInfo({ ...wanting, metadata: { uid: 'wanting', ...wanting.metadata } })
  runner.preFilter(state, info, cluster.cache.nodes)
  const result = selectVictims(state, info, cluster.cache.node('n')!, runner, options.budgets ?? [])
  return 'code' in result ? result.reasons.join() : { ...result, victims: result.victims.map(({ name }) => name) }
}

test('only as many go as have to, the least important ones', () => {
  const pods = [on('a', '1', 10), on('b', '1', 5), on('c', '1', 20), on('d', '1', 1)]
  assert.deepEqual(victimsFor(pod('p', { requests: { cpu: '2' }, priority: 100 }), pods), {
    node: 'n',
    victims: ['b', 'd'],
    budgetViolations: 0,
  })
})

test('a large one goes before several small ones, when the small ones can come back', () => {
  const pods = [on('large', '3', 1), on('s1', '500m', 1), on('s2', '500m', 1)]
  const answer = victimsFor(pod('p', { requests: { cpu: '3' }, priority: 100 }), pods)
  assert.deepEqual((answer as { victims: string[] }).victims, ['large'])
})

test('of equals the one that started last goes', () => {
  const pods = [on('old', '2', 1, { status: started(1) }), on('new', '2', 1, { status: started(5) })]
  const answer = victimsFor(pod('p', { requests: { cpu: '2' }, priority: 100 }), pods)
  assert.deepEqual((answer as { victims: string[] }).victims, ['new'])
})

test('nobody of the same or a higher priority goes', () => {
  assert.equal(
    victimsFor(pod('p', { requests: { cpu: '2' }, priority: 5 }), [on('a', '3', 5)]),
    'No preemption victims found for incoming pod',
  )
  assert.equal(
    victimsFor(pod('p', { requests: { cpu: '2' }, priority: 5 }), [on('a', '3', 5), on('b', '500m', 1)]),
    'Insufficient cpu',
  )
})

test('a pod that does not want the other near goes, though there is room', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  const answer = victimsFor(
    pod('p', { priority: 100, labels: { app: 'web' } }),
    [on('hermit', '100m', 1, { affinity }), on('other', '100m', 1)],
    { plugins: ({ cache, lookups }) => [interPodAffinity(argumentsOf('InterPodAffinity'), cache, lookups)] },
  )
  assert.deepEqual((answer as { victims: string[] }).victims, ['hermit'])
})

const budget = (allowed: number, more: object = {}): PodDisruptionBudget =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: { disruptionsAllowed: allowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...more },
  }) as PodDisruptionBudget
const guarded = { labels: { app: 'web' } }

test('a pod whose budget is spent comes back first', () => {
  const pods = [on('guarded', '2', 1, guarded), on('free', '2', 50)]
  const answer = victimsFor(pod('p', { requests: { cpu: '2' }, priority: 100 }), pods, { budgets: [budget(0)] })
  assert.deepEqual((answer as { victims: string[] }).victims, ['free'])
})

test('a budget allows so many, and those that are on their way do not count again', () => {
  const infos = ['1', '2', '3'].map((name) => new PodInfo(on(name, '1', 1, guarded)))
  const names = (allowed: number, more = {}) =>
    splitByBudget(infos, [budget(allowed, more)]).violating.map(({ name }) => name)
  assert.deepEqual(names(1), ['2', '3'])
  assert.deepEqual(names(3), [])
  assert.deepEqual(names(1, { disruptedPods: { 1: '2026-01-01T00:00:00Z' } }), ['3'])
})

test('the node where it does the least harm is picked', () => {
  const candidate = (
    name: string,
    priorities: number[],
    more: Partial<Candidate> & { minute?: number } = {},
  ): Candidate => ({
    node: name,
    victims: priorities.map(
      (priority, index) => new PodInfo(on(`${name}${index}`, '1', priority, { status: started(more.minute ?? 1) })),
    ),
    budgetViolations: more.budgetViolations ?? 0,
  })
  const pick = (...candidates: Candidate[]) => pickNode(candidates)?.node
  assert.equal(pick(candidate('a', [1], { budgetViolations: 1 }), candidate('b', [9, 9])), 'b')
  assert.equal(pick(candidate('a', [5]), candidate('b', [4, 4])), 'b')
  assert.equal(pick(candidate('a', [5, 4]), candidate('b', [5, 1])), 'b')
  assert.equal(pick(candidate('a', [5, -(2 ** 31)]), candidate('b', [5])), 'b')
  assert.equal(pick(candidate('a', [5], { minute: 1 }), candidate('b', [5], { minute: 3 })), 'b')
  assert.equal(pick(), undefined)
})
