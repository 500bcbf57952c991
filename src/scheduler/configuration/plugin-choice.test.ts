import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExtensionPoint } from '../framework/extension-points.ts'
import type { PluginContext } from '../plugins/registry.ts'
import { makePlugins } from '../plugins/registry.ts'
import { configurationOf } from './configuration.ts'
import { choosePlugins } from './plugin-choice.ts'

function chosen(plugins: object) {
  const [profile] = configurationOf({ profiles: [{ plugins }] }).profiles
  const { at, weights } = choosePlugins(makePlugins(profile!, {} as PluginContext), profile!)
  return { weights, at: (point: ExtensionPoint) => at[point].map(({ name }) => name) }
}
const usualScores = chosen({}).at('score')

test('by default plugins come in upstream’s order, with its weights', () => {
  assert.deepEqual(usualScores, [
    'TaintToleration',
    'NodeAffinity',
    'NodeResourcesFit',
    'VolumeBinding',
    'PodTopologySpread',
    'InterPodAffinity',
    'DynamicResources',
    'NodeResourcesBalancedAllocation',
    'ImageLocality',
  ])
  const { weights } = chosen({})
  assert.deepEqual([weights.get('TaintToleration'), weights.get('VolumeBinding')], [3, 1])
})

test('what a point names comes first there, and weighs what it says', () => {
  const { at, weights } = chosen({
    score: { enabled: [{ name: 'ImageLocality', weight: 7 }, { name: 'TaintToleration' }] },
  })
  assert.deepEqual(at('score').slice(0, 3), ['ImageLocality', 'TaintToleration', 'NodeAffinity'])
  assert.equal(at('score').length, usualScores.length)
  assert.deepEqual([weights.get('ImageLocality'), weights.get('TaintToleration')], [7, 1])
})

test('a plugin is disabled at one point or at all, and comes back last', () => {
  const { at } = chosen({
    multiPoint: { disabled: [{ name: 'NodeAffinity' }] },
    filter: { disabled: [{ name: 'TaintToleration' }] },
    score: { disabled: [{ name: '*' }], enabled: [{ name: 'ImageLocality' }, { name: 'NodeAffinity' }] },
  })
  assert.deepEqual(at('score'), ['ImageLocality', 'NodeAffinity'])
  assert.equal(at('filter').includes('NodeAffinity'), false)
  assert.equal(at('filter').includes('TaintToleration'), false)
  assert.equal(at('preScore').includes('TaintToleration'), true)
})

test('a usual plugin that is explicitly enabled everywhere keeps its place', () => {
  const { at, weights } = chosen({ multiPoint: { enabled: [{ name: 'NodeResourcesFit', weight: 9 }] } })
  assert.deepEqual(at('score'), usualScores)
  assert.equal(weights.get('NodeResourcesFit'), 9)
})
