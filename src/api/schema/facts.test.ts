import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schema } from '../../machinery/schema/schema.ts'
import { kinds } from '../kinds.ts'
import { definitionNamed, factsOfKind, groups, kindOfDefinition, schemaOfKind, servedByDefault } from './facts.ts'

const field = (schema: Schema | undefined, ...path: string[]) => {
  let current = schema
  for (const name of path.slice(0, -1)) {
    const next: Schema | undefined = current?.properties?.get(name)?.schema
    current = next?.items ?? next
  }
  return current?.properties?.get(path.at(-1)!)
}

test('every kind that is served has a schema with the members of an object', () => {
  for (const { group, version, kind, schema } of kinds) {
    assert.equal(schema, schemaOfKind(group, version, kind))
    assert.ok(schema.properties?.has('metadata'), kind)
  }
})

test('a field knows its number, defaults, patch and list keys', () => {
  const ports = field(schemaOfKind('', 'v1', 'Service'), 'spec', 'ports')!
  assert.equal(ports.number, 1)
  assert.deepEqual([ports.patchStrategy, ports.patchMergeKey], ['merge', 'port'])
  assert.deepEqual([ports.schema.listType, ports.schema.listMapKeys], ['map', ['port', 'protocol']])
  assert.equal(field(ports.schema.items, 'protocol')?.default, 'TCP')
  const readOnly = definitionNamed('io.k8s.api.core.v1.AzureDiskVolumeSource')?.properties?.get('readOnly')
  assert.equal(readOnly?.default, false)
})

test('what Go always writes is told apart from what may be left out', () => {
  const deployment = schemaOfKind('apps', 'v1', 'Deployment')
  assert.equal(field(deployment, 'status')?.always, true)
  assert.equal(field(deployment, 'spec', 'replicas')?.pointer, true)
  assert.equal(field(deployment, 'spec', 'paused')?.always, undefined)
  assert.equal(field(deployment, 'metadata', 'creationTimestamp')?.always, undefined)
})

test('members of embedded structs stand in the outer one, in Go’s order', () => {
  const volume = definitionNamed('io.k8s.api.core.v1.Volume')
  assert.deepEqual([...volume!.properties!.keys()].slice(0, 3), ['name', 'hostPath', 'emptyDir'])
  assert.deepEqual(
    volume?.embedded?.map(({ number, schema }) => [number, schema.name]),
    [[2, 'io.k8s.api.core.v1.VolumeSource']],
  )
  const rule = definitionNamed('io.k8s.api.admissionregistration.v1.RuleWithOperations')
  assert.equal(rule?.properties?.get('apiGroups')?.schema.listType, 'atomic')
})

test('recursive definitions are read on demand', () => {
  const schema = definitionNamed('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')
  assert.equal(field(schema, 'not', 'not', 'not')?.schema, schema)
  assert.equal(field(schema, 'items')?.schema.wrapper, 'schemaOrArray')
})

test('kinds of the machinery are found in every group, other names are not', () => {
  const options = definitionNamed('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')
  assert.equal(schemaOfKind('apps', 'v1', 'DeleteOptions'), options)
  assert.equal(schemaOfKind('apps', 'v1', 'PodSpec'), undefined)
  assert.equal(schemaOfKind('', 'v1', '__proto__'), undefined)
  assert.equal(definitionNamed('io.k8s.api.core.v1.constructor'), undefined)
})

test('a definition knows whether it is a kind', () => {
  const pod = { group: '', version: 'v1', kind: 'Pod' }
  assert.deepEqual(kindOfDefinition('io.k8s.api.core.v1.Pod'), pod)
  assert.equal(kindOfDefinition('io.k8s.api.core.v1.ObjectReference'), undefined)
})

test('unstable versions are known, and not served', () => {
  assert.deepEqual(groups.find(({ name }) => name === 'autoscaling')?.versions, ['v2', 'v1'])
  assert.ok(schemaOfKind('resource.k8s.io', 'v1beta1', 'ResourceClaim'))
  assert.ok(factsOfKind('resource.k8s.io', 'v1beta1', 'ResourceClaim'))
  assert.equal(servedByDefault('v1beta1'), false)
  assert.ok(kinds.every(({ version }) => servedByDefault(version)))
})
