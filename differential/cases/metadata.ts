import { kindName, collectionPath, namespace, objectPath, type Declared, type Json } from '../objects.ts'
import type { Case } from './case.ts'
import { inAnyOrder, memoryKey } from './creates.ts'
import { type JsonPath, pathText, withValue } from './json-path.ts'

const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '11111111-1111-4111-8111-111111111111' }

/** Metadata that is asked for on a create: most of it odd. */
const created: readonly (readonly [JsonPath, Json | undefined])[] = [
  [['metadata', 'name'], undefined],
  [['metadata', 'name'], ''],
  [['metadata', 'name'], 'Odd_Name!'],
  [['metadata', 'name'], 'a/b'],
  [['metadata', 'name'], '..'],
  [['metadata', 'name'], 'a%b'],
  [['metadata', 'name'], 'x'.repeat(64)],
  [['metadata', 'name'], 'x'.repeat(254)],
  [['metadata', 'name'], 7],
  [['metadata', 'generateName'], 'Odd_'],
  [['metadata', 'namespace'], 'elsewhere'],
  [['metadata', 'namespace'], 'Odd_'],
  [['metadata', 'labels'], { 'odd key!': 'v' }],
  [['metadata', 'labels'], { key: 'odd value!' }],
  [['metadata', 'labels'], { ['x'.repeat(64)]: 'y'.repeat(64) }],
  [['metadata', 'labels'], { 'a/b/c': 'd' }],
  [['metadata', 'labels'], { '': '' }],
  [['metadata', 'labels'], { key: 7 }],
  [['metadata', 'labels'], ['a']],
  [['metadata', 'annotations'], { 'Odd Key!': 'any value\n' }],
  [['metadata', 'annotations'], { big: 'x'.repeat(262_145) }],
  [['metadata', 'ownerReferences'], [owner]],
  [['metadata', 'ownerReferences'], [{}]],
  [
    ['metadata', 'ownerReferences'],
    [
      { ...owner, controller: true },
      { ...owner, uid: 'other', controller: true },
    ],
  ],
  [
    ['metadata', 'ownerReferences'],
    [{ ...owner, apiVersion: 'v1', kind: 'Event' }, owner, owner],
  ],
  [['metadata', 'ownerReferences'], [{ ...owner, apiVersion: 'a/b/c' }]],
  [['metadata', 'finalizers'], ['plain']],
  [
    ['metadata', 'finalizers'],
    ['example.com/a', 'Odd!/b', 'foregroundDeletion', 'orphan'],
  ],
  [['metadata', 'managedFields'], [{}]],
  [
    ['metadata', 'managedFields'],
    [{ operation: 'Odd', fieldsType: 'Odd', manager: 'x'.repeat(129), subresource: 's' }],
  ],
  [['metadata', 'resourceVersion'], '5'],
  [['metadata', 'uid'], 'mine'],
  [['metadata', 'generation'], 7],
  [['metadata', 'generation'], -1],
  [['metadata', 'selfLink'], '/a'],
  [['metadata', 'creationTimestamp'], '2020-01-02T03:04:05Z'],
  [['metadata', 'creationTimestamp'], 'yesterday'],
  [['metadata', 'deletionTimestamp'], '2020-01-02T03:04:05Z'],
  [['metadata', 'deletionGracePeriodSeconds'], 7],
  [['metadata', 'unknownField'], 1],
  [['metadata'], undefined],
  [['metadata'], []],
  [['apiVersion'], undefined],
  [['apiVersion'], 'v7'],
  [['apiVersion'], 'other.example.com/v1'],
  [['kind'], undefined],
  [['kind'], 'Other'],
  [['kind'], 7],
  [['unknownField'], { a: 1 }],
]

/** Of an update: what must stay, and what may change. */
const updated: readonly (readonly [JsonPath, Json | undefined])[] = [
  [['metadata', 'name'], 'other'],
  [['metadata', 'name'], undefined],
  [['metadata', 'namespace'], 'elsewhere'],
  [['metadata', 'namespace'], undefined],
  [['metadata', 'uid'], '11111111-1111-4111-8111-111111111111'],
  [['metadata', 'uid'], undefined],
  [['metadata', 'resourceVersion'], '1'],
  [['metadata', 'resourceVersion'], undefined],
  [['metadata', 'resourceVersion'], '0'],
  [['metadata', 'resourceVersion'], 'abc'],
  [['metadata', 'creationTimestamp'], '2020-01-02T03:04:05Z'],
  [['metadata', 'creationTimestamp'], undefined],
  [['metadata', 'deletionTimestamp'], '2020-01-02T03:04:05Z'],
  [['metadata', 'generation'], 7],
  [['metadata', 'generateName'], 'other-'],
  [['metadata', 'selfLink'], '/a'],
  [['metadata', 'labels'], { 'odd key!': 'odd value!' }],
  [['metadata', 'labels'], { new: 'label' }],
  [['metadata', 'annotations'], { note: 'new' }],
  [['metadata', 'finalizers'], ['example.com/new']],
  [['metadata', 'ownerReferences'], [owner]],
  [['metadata', 'managedFields'], []],
  [['metadata', 'managedFields'], [{}]],
  [['metadata', 'managedFields'], undefined],
  [['apiVersion'], 'v7'],
  [['kind'], 'Other'],
]

/** The first object of each kind with other metadata; `firsts` are those that stand for their kind. */
export function metadataCases(firsts: readonly Declared[]): Case[] {
  return firsts.flatMap((declared) => {
    const { facts, manifest } = declared
    const kind = kindName(facts)
    const label = (path: JsonPath, value: Json | undefined) =>
      `${pathText(path)} ${(JSON.stringify(value) ?? 'dropped').slice(0, 60)}`
    const onCreate = created.map(
      ([path, value]): Case => ({
        kind,
        name: `create with ${label(path, value)}`,
        async run(send) {
          const body = withValue(manifest, path, value)
          return [
            inAnyOrder(declared, await send({ method: 'POST', path: `${collectionPath(facts)}?dryRun=All`, body })),
          ]
        },
      }),
    )
    if (!facts.verbs.includes('update')) return onCreate
    const onUpdate = updated.map(
      ([path, value]): Case => ({
        kind,
        name: `update with ${label(path, value)}`,
        async run(send, memory) {
          const made = memory.get(memoryKey(declared))
          if (made === undefined) return []
          return [
            await send({
              method: 'PUT',
              path: `${objectPath(declared)}?dryRun=All`,
              body: withValue(made, path, value),
            }),
          ]
        },
      }),
    )
    return [...onCreate, ...onUpdate, ...elsewhereCases(declared)]
  })
}

/** Objects where none are, and namespaces that are missing. */
function elsewhereCases(declared: Declared): Case[] {
  const { facts, manifest } = declared
  const kind = kindName(facts)
  const absent = `${collectionPath(facts)}/absent-object`
  const one = (name: string, method: string, path: string, body?: unknown): Case => ({
    kind,
    name,
    run: async (send) => [await send({ method, path, body })],
  })
  const cases = [
    one('get what is not there', 'GET', absent),
    one('delete what is not there', 'DELETE', absent),
    one(
      'put what is not there',
      'PUT',
      `${absent}?dryRun=All`,
      withValue(manifest, ['metadata', 'name'], 'absent-object'),
    ),
    one('make what is there', 'POST', collectionPath(facts), manifest),
    one('post to an object', 'POST', absent, manifest),
    one('delete an unknown subresource', 'DELETE', `${absent}/nothing`),
    one('post without a body', 'POST', collectionPath(facts)),
    one('post bad JSON', 'POST', collectionPath(facts), '{"a":'),
    one('post a list', 'POST', collectionPath(facts), '[]'),
    one('post a string', 'POST', collectionPath(facts), '"a"'),
    one('post null', 'POST', collectionPath(facts), 'null'),
  ]
  if (!facts.namespaced) return cases
  const missing = collectionPath(facts, 'missing-namespace')
  const moved = withValue(manifest, ['metadata', 'namespace'], 'missing-namespace')
  return [
    ...cases,
    one('create in a missing namespace', 'POST', missing, moved),
    one(
      'create in all namespaces',
      'POST',
      collectionPath(facts, ''),
      withValue(manifest, ['metadata', 'namespace'], namespace),
    ),
    one(
      'create in a terminating namespace',
      'POST',
      collectionPath(facts, 'terminating'),
      withValue(manifest, ['metadata', 'namespace'], 'terminating'),
    ),
    one('list in a missing namespace', 'GET', missing),
  ]
}
