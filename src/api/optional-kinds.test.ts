import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { Fixture } from '../../scripts/generate/fixtures.ts'
import { decodeObject, mediaTypes } from '../machinery/codec/codec.ts'
import { jsonClone, type Draft } from '../machinery/json.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { normalize } from '../machinery/schema/normalize.ts'
import { kinds } from './kinds.ts'
import { optionalKinds } from './optional-kinds.ts'
import { resourceFacts, schemaOfKind } from './schema/facts.ts'

const bytes = readFileSync(new URL('schema/fixtures.generated.br', import.meta.url))
const fixtures = JSON.parse(brotliDecompressSync(bytes).toString('utf8')) as readonly Fixture[]
const kindOf = (group: string, version: string, kind: string) =>
  optionalKinds.find((each) => each.group === group && each.version === version && each.kind === kind)!

test('every resource that upstream knows is declared, in each of its versions', () => {
  const declared = [...kinds, ...optionalKinds].map(({ group, version, resource }) => `${group}/${version}/${resource}`)
  const known = resourceFacts.map(({ group, version, resource }) => `${group}/${version}/${resource}`)
  assert.deepEqual(declared.toSorted(), known.toSorted())
})

/** What the deprecated way of asking for a certificate needs, which the stable version knows no more. */
const lost = ['pkixPublicKey', 'proofOfPossession']

test('upstream’s data in versions that are off by default comes back from the store as it went in', () => {
  const seen = new Set<string>()
  for (const { name, json } of fixtures) {
    const { object, gvk, strictErrors } = decodeObject(Buffer.from(json), mediaTypes.json, { schemaOfKind })
    const definition = kindOf(gvk.group, gvk.version, gvk.kind)
    const { conversion } = definition?.rules ?? {}
    if (conversion === undefined || strictErrors.length > 0) continue
    const draft = jsonClone(object) as unknown as Record<string, Record<string, unknown>>
    if (gvk.kind === 'PodCertificateRequest') for (const member of lost) delete draft['spec']![member]
    const back = conversion.fromStorage(conversion.toStorage(draft as unknown as KubeObject))
    assert.deepEqual(normalize(definition.schema, back), normalize(definition.schema, draft), name)
    seen.add(`${gvk.version} ${gvk.kind}`)
  }
  assert.equal(seen.size, optionalKinds.filter(({ rules }) => rules.conversion !== undefined).length)
})

test('what v1beta1 says of devices beside their name, v1 says below exactly', () => {
  const { rules, schema } = kindOf('resource.k8s.io', 'v1beta1', 'ResourceClaim')
  const claim = {
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceClaim',
    metadata: { name: 'c' },
    spec: {
      devices: {
        requests: [
          { name: 'one', deviceClassName: 'gpu' },
          { name: 'two', firstAvailable: [{ name: 'sub', deviceClassName: 'gpu' }] },
        ],
      },
    },
  }
  const draft = normalize(schema, claim) as Draft<KubeObject>
  rules.setDefaults?.(draft, 0)
  const stored = rules.conversion!.toStorage(draft as KubeObject) as unknown as typeof claim
  assert.equal(stored.apiVersion, 'resource.k8s.io/v1')
  const chosen = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }
  assert.deepEqual(stored.spec.devices.requests, [
    { name: 'one', exactly: chosen },
    { name: 'two', firstAvailable: [{ name: 'sub', ...chosen }] },
  ])
})
