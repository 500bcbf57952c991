import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../../api/definition.ts'
import { kinds } from '../../api/kinds.ts'
import type { JsonObject } from '../../machinery/json.ts'
import { apiResourceList } from '../discovery/resource-list.ts'
import { discoveredGroups } from '../discovery/groups.ts'
import { enabledKinds } from '../options/enabled-kinds.ts'
import digests from './document-digests.generated.json' with { type: 'json' }
import { shapeDigest } from './document-shape.fixture.ts'
import { openApiV2, openApiV3 } from './document.ts'
import { gnosticV2 } from './gnostic-v2.ts'
import { gnosticV3 } from './gnostic-v3.ts'

const { kinds: allKinds } = await enabledKinds({
  'runtime-config': ['api/all=true'],
  'feature-gates': ['AllAlpha=true', 'AllBeta=true'],
})

const at = (value: unknown, ...path: string[]): JsonObject =>
  path.reduce<unknown>((each, name) => (each as Record<string, unknown>)[name], value) as JsonObject

test('OpenAPI v3 says what upstream’s says, for each group and version', () => {
  const seen = new Set<string>()
  for (const { name, versions } of discoveredGroups(allKinds)) {
    for (const { version, definitions } of versions) {
      const key = `openapi ${name}/${version}`
      assert.equal(shapeDigest(openApiV3(definitions)), (digests as Record<string, string>)[key], key)
      seen.add(key)
    }
  }
  assert.deepEqual(
    Object.keys(digests).filter((key) => key.startsWith('openapi ') && !seen.has(key)),
    [],
  )
})

test('discovery lists what upstream lists, for each group and version', () => {
  for (const { name, versions } of discoveredGroups(allKinds)) {
    for (const { version, definitions } of versions) {
      const list = JSON.parse(JSON.stringify(apiResourceList(name, version, definitions))) as unknown
      const key = `discovery ${name}/${version}`
      assert.equal(shapeDigest(list), (digests as Record<string, string>)[key], key)
    }
  }
})

const cronTabs: ResourceDefinition = {
  ...kinds.find(({ kind }) => kind === 'Lease')!,
  group: 'stable.example.com',
  version: 'v1',
  kind: 'CronTab',
  listKind: 'CronTabList',
  resource: 'crontabs',
  singular: 'crontab',
  schema: { preserveUnknownFields: true },
  rules: {},
  protobuf: false,
  openApi: {
    selectableFields: ['.spec.color'],
    schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          required: ['color', 'size'],
          properties: {
            color: { type: 'string', enum: ['red', 'blue'], default: 'red', description: 'The color.' },
            size: { type: 'integer', nullable: true },
            port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
            ratio: { 'x-kubernetes-int-or-string': true, allOf: [{ pattern: '^a' }] },
            open: {
              type: 'object',
              'x-kubernetes-preserve-unknown-fields': true,
              properties: { a: { type: 'string' } },
            },
            template: { type: 'object', 'x-kubernetes-embedded-resource': true },
          },
        },
      },
    },
  },
}
const name = 'com.example.stable.v1.CronTab'

test('a custom resource is published as it was written, with kind, apiVersion and metadata', () => {
  const document = openApiV3([cronTabs])
  const definition = at(document, 'components', 'schemas', name)
  assert.deepEqual(
    at(definition, 'properties', 'spec', 'properties', 'color'),
    at(cronTabs.openApi, 'schema', 'properties', 'spec', 'properties', 'color'),
  )
  const members = at(definition, 'properties', 'spec', 'properties')
  for (const name of ['port', 'ratio'])
    assert.deepEqual(at(members, name).anyOf, [{ type: 'integer' }, { type: 'string' }], name)
  assert.deepEqual(Object.keys(at(definition, 'properties')), ['spec', 'apiVersion', 'kind', 'metadata'])
  assert.deepEqual(definition['x-kubernetes-group-version-kind'], [
    { group: 'stable.example.com', kind: 'CronTab', version: 'v1' },
  ])
  assert.deepEqual(definition['x-kubernetes-selectable-fields'], [{ fieldPath: 'spec.color' }])
  const template = at(definition, 'properties', 'spec', 'properties', 'template')
  assert.deepEqual(template.required, ['kind', 'apiVersion'])
  const list = at(document, 'paths', '/apis/stable.example.com/v1/crontabs', 'get')
  assert.equal(list.operationId, 'listStableExampleComV1CronTabForAllNamespaces')
  const patch = at(document, 'paths', '/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}', 'patch')
  assert.ok(!JSON.stringify(patch.requestBody).includes('strategic'))
})

test('OpenAPI v2 leaves out of a custom resource what kubectl cannot read there', () => {
  const spec = at(openApiV2([...kinds, cronTabs]), 'definitions', name, 'properties', 'spec')
  assert.deepEqual(at(spec, 'properties', 'color'), {
    type: 'string',
    enum: ['red', 'blue'],
    description: 'The color.',
  })
  assert.deepEqual(at(spec, 'properties', 'size'), {})
  assert.deepEqual(spec.required, ['color'])
  assert.deepEqual(at(spec, 'properties', 'port'), { 'x-kubernetes-int-or-string': true })
  assert.deepEqual(at(spec, 'properties', 'open'), { 'x-kubernetes-preserve-unknown-fields': true })
})

test('a custom resource without a schema takes everything', () => {
  const definition = at(openApiV2([{ ...cronTabs, openApi: {} }]), 'definitions', name)
  assert.deepEqual(Object.keys(definition).sort(), ['type', 'x-kubernetes-group-version-kind'])
})

test('the protobuf forms hold the names of all definitions', () => {
  const leases = kinds.filter(({ group }) => group === 'coordination.k8s.io')
  for (const bytes of [gnosticV2(openApiV2(leases)), gnosticV3(openApiV3(leases))]) {
    const text = bytes.toString('latin1')
    assert.ok(text.includes('io.k8s.api.coordination.v1.LeaseSpec'))
    assert.ok(text.includes('- group: coordination.k8s.io\n  kind: Lease\n  version: v1\n'))
  }
})
