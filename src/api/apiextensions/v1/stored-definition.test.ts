import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { storedDefinition } from './stored-definition.ts'

const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }
const schema = { openAPIV3Schema: { type: 'object' } }
const column = { name: 'Crew', type: 'integer', jsonPath: '.spec.crew' }
const metadata = { name: 'boats.example.com' }
const kind = 'CustomResourceDefinition'
const definition = (spec: object): KubeObject =>
  ({
    kind,
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata,
    spec: { group: 'example.com', names, scope: 'Namespaced', ...spec },
  }) as unknown as KubeObject
const stored = (spec: object): KubeObject =>
  ({
    kind,
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    metadata,
    spec: { group: 'example.com', version: 'v1', names, scope: 'Namespaced', ...spec },
  }) as unknown as KubeObject
const version = (name: string, more: object = {}) => ({ name, served: true, storage: name === 'v1', ...more })

const both: Record<string, [object, object]> = {
  'what all versions share stands once': [
    {
      versions: [
        version('v1', { schema, additionalPrinterColumns: [column] }),
        version('v2', { schema, additionalPrinterColumns: [column] }),
      ],
      conversion: { strategy: 'None' },
    },
    {
      validation: schema,
      versions: [version('v1'), version('v2')],
      additionalPrinterColumns: [{ name: 'Crew', type: 'integer', JSONPath: '.spec.crew' }],
      conversion: { strategy: 'None' },
      preserveUnknownFields: false,
    },
  ],
  'what they do not share stays with each': [
    {
      versions: [
        version('v1', { schema, subresources: { status: {} }, additionalPrinterColumns: [column] }),
        version('v2', { schema }),
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://example.com' }, conversionReviewVersions: ['v1'] },
      },
    },
    {
      validation: schema,
      versions: [
        version('v1', {
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Crew', type: 'integer', JSONPath: '.spec.crew' }],
        }),
        version('v2'),
      ],
      conversion: {
        strategy: 'Webhook',
        webhookClientConfig: { url: 'https://example.com' },
        conversionReviewVersions: ['v1'],
      },
      preserveUnknownFields: false,
    },
  ],
}
for (const [what, [served, kept]] of Object.entries(both)) {
  test(`a definition is stored as v1beta1: ${what}`, () => {
    assert.deepEqual(storedDefinition.write(definition(served)), stored(kept))
    assert.deepEqual(storedDefinition.read(stored(kept)), definition(served))
  })
}

test('a definition of old times, with one version and unknown fields kept, is read as v1', () => {
  const old = stored({ validation: schema })
  assert.deepEqual((storedDefinition.read(old) as { spec?: object }).spec, {
    group: 'example.com',
    names,
    scope: 'Namespaced',
    versions: [version('v1', { schema })],
    preserveUnknownFields: true,
  })
})

test('a definition that was stored as v1 is read as it is', () => {
  const own = definition({ versions: [version('v1')] })
  assert.equal(storedDefinition.read(own), own)
})
