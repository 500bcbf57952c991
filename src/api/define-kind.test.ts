import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineKind } from './define-kind.ts'
import { kinds } from './kinds.ts'
import type { Pod } from './types.generated.ts'

const named = (resource: string, group = '') =>
  kinds.find((kind) => kind.resource === resource && kind.group === group)!

test('a kind is filled up from the facts', () => {
  const pods = defineKind<Pod>({ group: '', version: 'v1', kind: 'Pod' })
  assert.equal(pods.resource, 'pods')
  assert.equal(pods.listKind, 'PodList')
  assert.deepEqual(pods.shortNames, ['po'])
  const eviction = pods.subresources.find(({ name }) => name === 'eviction')
  assert.deepEqual(eviction, { name: 'eviction', kind: 'Eviction', verbs: ['create'], group: 'policy', version: 'v1' })
  assert.equal(pods.rules.returnsDeletedObject, true)
})

test('a kind that upstream does not have is refused', () => {
  assert.throws(() => defineKind({ group: 'apps', version: 'v1', kind: 'Pod' }), {
    message: 'upstream has no kind Pod in apps/v1',
  })
})

test('objects lie in the store where upstream keeps them', () => {
  const prefixes: [string, string, string][] = [
    ['pods', '', 'pods'],
    ['services', '', 'services/specs'],
    ['endpoints', '', 'services/endpoints'],
    ['nodes', '', 'minions'],
    ['replicationcontrollers', '', 'controllers'],
    ['ingresses', 'networking.k8s.io', 'ingress'],
    ['deployments', 'apps', 'deployments'],
    ['events', 'events.k8s.io', 'events'],
    ['customresourcedefinitions', 'apiextensions.k8s.io', 'apiextensions.k8s.io/customresourcedefinitions'],
    ['apiservices', 'apiregistration.k8s.io', 'apiregistration.k8s.io/apiservices'],
  ]
  for (const [resource, group, prefix] of prefixes) assert.equal(named(resource, group).storagePrefix, prefix, resource)
})

test('kinds in two versions are stored in one', () => {
  const autoscalers = kinds.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  assert.deepEqual(
    autoscalers.map(({ storageVersion }) => storageVersion),
    ['autoscaling/v2', 'autoscaling/v2'],
  )
  assert.equal(named('events', 'events.k8s.io').storageVersion, 'v1')
  // Upstream keeps it as v1beta1 for old releases' sake.
  assert.equal(named('clustertrustbundles', 'certificates.k8s.io').storageVersion, 'certificates.k8s.io/v1')
})

test('no two kinds share a path', () => {
  const paths = kinds.map(({ group, version, resource }) => `${group}/${version}/${resource}`)
  assert.equal(new Set(paths).size, paths.length)
})
