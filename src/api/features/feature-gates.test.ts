import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultFeatureGates, parseFeatureGates } from './feature-gates.ts'

test('gates stand as the release has them', () => {
  const { enabled } = defaultFeatureGates
  assert.deepEqual(['APIServerIdentity', 'HPAScaleToZero', 'GenericWorkload', 'StorageVersionAPI'].map(enabled), [
    true,
    true,
    false,
    false,
  ])
})

test('a gate that is set says so, with its stage', () => {
  const { all } = parseFeatureGates(['EvictionRequestAPI=true'])
  assert.deepEqual(
    all.filter(({ name }) => /^(AllAlpha|EvictionRequestAPI|ClusterTrustBundle)$/.test(name)),
    [
      { name: 'AllAlpha', stage: 'ALPHA', enabled: false },
      { name: 'ClusterTrustBundle', stage: '', enabled: true },
      { name: 'EvictionRequestAPI', stage: 'ALPHA', enabled: true },
    ],
  )
})

test('all of a stage are set at once, but for those that are set themselves', () => {
  const { enabled } = parseFeatureGates(['AllAlpha=true', 'AllBeta=t', 'EvictionRequestAPI=False'])
  assert.deepEqual(['CompositePodGroup', 'GenericWorkload', 'EvictionRequestAPI'].map(enabled), [true, true, false])
})

test('what upstream refuses is refused in its words', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['Nonsense=true', 'unrecognized feature gate: Nonsense'],
    ['constructor=true', 'unrecognized feature gate: constructor'],
    ['GenericWorkload', 'missing bool value for GenericWorkload'],
    [
      'GenericWorkload=yes',
      'invalid value of GenericWorkload=yes, err: strconv.ParseBool: parsing "yes": invalid syntax',
    ],
    ['DRAAdminAccess=false', 'cannot set feature gate DRAAdminAccess to false, feature is locked to true'],
    [
      'CompositePodGroup=true',
      'CompositePodGroup is enabled, but depends on features that are disabled: [GenericWorkload TopologyAwareWorkloadScheduling]',
    ],
  ]
  for (const [setting, message] of refusals) assert.throws(() => parseFeatureGates([setting]), { message })
})

test('who sets a gate that is there to stay is told', () => {
  assert.deepEqual(parseFeatureGates(['ClusterTrustBundleProjection=false']).warnings, [
    'setting GA feature gate ClusterTrustBundleProjection=false',
  ])
})
