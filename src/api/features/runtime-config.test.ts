import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRuntimeConfig, parseRuntimeConfig } from './runtime-config.ts'

test('stable versions are served unless told otherwise', () => {
  assert.equal(defaultRuntimeConfig('apps', 'v1', 'deployments'), true)
  assert.equal(defaultRuntimeConfig('resource.k8s.io', 'v1beta1', 'resourceclaims'), false)
})

test('the narrower setting wins, whatever the order', () => {
  const isOn = parseRuntimeConfig([
    'resource.k8s.io/v1beta1/resourceclaims=true',
    'resource.k8s.io/v1beta1=false',
    'api/beta=true',
    'api/all=false',
    'flowcontrol.apiserver.k8s.io/v1=true',
    'api/ga=true',
  ])
  assert.equal(isOn('resource.k8s.io', 'v1beta1', 'resourceclaims'), true)
  assert.equal(isOn('resource.k8s.io', 'v1beta1', 'resourceslices'), false)
  assert.equal(isOn('resource.k8s.io', 'v1beta2', 'resourceslices'), true)
  assert.equal(isOn('resource.k8s.io', 'v1alpha3', 'devicetaintrules'), false)
  assert.equal(isOn('', 'v1', 'pods'), true)
})

test('a name without a value turns on, and versions that are served no more are known', () => {
  const isOn = parseRuntimeConfig([
    'storagemigration.k8s.io/v1beta1',
    'extensions/v1beta1=true',
    'v1=true',
    'api/legacy=1',
  ])
  assert.equal(isOn('storagemigration.k8s.io', 'v1beta1', 'storageversionmigrations'), true)
})

test('what upstream refuses is refused in its words', () => {
  const refusals: readonly (readonly [string, string])[] = [
    [
      'api/all=false',
      '[--runtime-config=api/all=false conflicts with --enable-priority-and-fairness=true, invalid runtime-config with only api/all=false]',
    ],
    ['api/ga=false', '--runtime-config=api/ga=false conflicts with --enable-priority-and-fairness=true'],
    ['api/all=yes', 'invalid value api/all=yes'],
    ['api/beta', 'invalid value api/beta='],
    ['foo=true', 'runtime-config invalid key foo'],
    ['nonsense.io/v1', 'unknown api groups nonsense.io/v1'],
    ['apps/v3=true', 'group version apps/v3 that has not been registered'],
    ['apps/v1=on', 'invalid value of apps/v1: on, err: strconv.ParseBool: parsing "on": invalid syntax'],
    [
      'apps/v1/Deployments=true',
      'invalid key apps/v1/Deployments: group/version/resource and resource is always lowercase plural, not "Deployments"',
    ],
  ]
  for (const [setting, message] of refusals) assert.throws(() => parseRuntimeConfig([setting]), { message }, setting)
})
