import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import { schedulerConfiguration } from './configuration.ts'
import { choosePlugins } from './plugin-choice.ts'

const head = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' }
const names = new Set(['Fit', 'Spread'])
const read = (more: object) => schedulerConfiguration({ ...head, ...more }, names)
const plugin = (name: string): SchedulerPlugin => ({
  name,
  weight: 1,
  filter: () => undefined,
  score: () => 0,
  normalize: () => {},
})
const points = (chosen: readonly SchedulerPlugin[]) =>
  chosen.map(({ name, filter, score, weight }) => [name, filter !== undefined, score !== undefined, weight])

test('profiles choose their plugins, at all points or at one, and what their scores weigh', () => {
  const { profiles } = read({
    profiles: [
      {},
      {
        schedulerName: 'packer',
        plugins: {
          multiPoint: { disabled: [{ name: 'Spread' }] },
          score: { disabled: [{ name: '*' }], enabled: [{ name: 'Fit', weight: 7 }] },
        },
      },
    ],
  })
  assert.deepEqual(
    profiles.map(({ schedulerName }) => schedulerName),
    ['default-scheduler', 'packer'],
  )
  const plugins = [plugin('Fit'), plugin('Spread')]
  assert.deepEqual(points(choosePlugins(plugins, profiles[0]!.plugins)), [
    ['Fit', true, true, 1],
    ['Spread', true, true, 1],
  ])
  assert.deepEqual(points(choosePlugins(plugins, profiles[1]!.plugins)), [
    ['Fit', true, true, 7],
    ['Spread', false, false, 1],
  ])
  const onlyFit = { multiPoint: { disabled: [{ name: '*' }], enabled: [{ name: 'Fit', weight: 3 }] } }
  assert.deepEqual(points(choosePlugins(plugins, onlyFit)), [
    ['Fit', true, true, 3],
    ['Spread', false, false, 1],
  ])
})

test('what is wrong or not supported is named', () => {
  for (const [given, why] of [
    [{ kind: 'Pod' }, 'it must be a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1'],
    [{ extenders: [] }, 'extenders: not supported'],
    [
      { profiles: [{ pluginConfig: [{ name: 'InterPodAffinity' }] }] },
      'profiles[0].pluginConfig[0]: arguments of InterPodAffinity: not supported',
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'Ratio' } } }] }] },
      'profiles[0].pluginConfig[0].args.scoringStrategy.type: Ratio: not supported',
    ],
    [{ profiles: [{}, {}] }, 'profiles[1].schedulerName: Duplicate value: "default-scheduler"'],
    [{ profiles: [{ plugins: { permit: {} } }] }, 'profiles[0].plugins.permit: not supported'],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: 'Mine' }] } } }] },
      'profiles[0].plugins.score.enabled: there is no plugin "Mine"',
    ],
    [{ podMaxBackoffSeconds: 0 }, 'podMaxBackoffSeconds: must be greater than 0'],
  ] as const)
    assert.throws(() => read(given), { message: why })
  assert.deepEqual(read({ leaderElection: { leaderElect: false } }).profiles, [
    { schedulerName: 'default-scheduler', plugins: {} },
  ])
})

test('a profile may pack nodes', () => {
  const resources = [{ name: 'cpu', weight: 3 }, { name: 'memory' }]
  const pluginConfig = [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated', resources } } }]
  assert.deepEqual(read({ profiles: [{ pluginConfig }] }).profiles[0]?.scoringStrategy, {
    type: 'MostAllocated',
    resources: [
      { name: 'cpu', weight: 3 },
      { name: 'memory', weight: 1 },
    ],
  })
})
