import { kindName, objectPath, collectionPath, type Declared } from '../objects.ts'
import type { Case } from './case.ts'
import { withValue } from './json-path.ts'

const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const json = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

const patches: readonly (readonly [name: string, type: string, body: unknown, query?: string])[] = [
  ['labels', merge, { metadata: { labels: { new: 'label' } } }],
  ['labels', strategic, { metadata: { labels: { new: 'label' } } }],
  ['odd labels', merge, { metadata: { labels: { 'odd!': 'label' } } }],
  ['nothing', merge, {}],
  ['nothing', strategic, {}],
  ['a list', merge, []],
  ['a list', strategic, []],
  ['null', merge, 'null'],
  ['null', strategic, 'null'],
  ['bad JSON', merge, '{'],
  ['bad JSON', strategic, '{'],
  ['a wrong type', merge, { metadata: { labels: 7 } }],
  ['a wrong type', strategic, { metadata: { labels: 7 } }],
  ['no name', merge, { metadata: { name: null } }],
  ['another name', merge, { metadata: { name: 'other' } }],
  ['another uid', merge, { metadata: { uid: '11111111-1111-4111-8111-111111111111' } }],
  ['another namespace', merge, { metadata: { namespace: 'other' } }],
  ['an old revision', merge, { metadata: { resourceVersion: '1' } }],
  ['another kind', merge, { kind: 'Other' }],
  ['another version', merge, { apiVersion: 'v7' }],
  ['finalizers', strategic, { metadata: { finalizers: ['example.com/a'] } }],
  ['no finalizers', strategic, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/hold'] } }],
  ['an owner', strategic, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' }] } }],
  ['an owner without its key', strategic, { metadata: { ownerReferences: [{ apiVersion: 'v1' }] } }],
  ['an odd directive', strategic, { metadata: { $patch: 'odd' } }],
  ['a replacement', strategic, { metadata: { labels: { $patch: 'replace', a: 'b' } } }],
  ['unknown fields', merge, { unknownField: 1, metadata: { alsoUnknown: 2 } }, 'fieldValidation=Strict'],
  ['unknown fields', merge, { unknownField: 1, metadata: { alsoUnknown: 2 } }, 'fieldValidation=Warn'],
  ['unknown fields', merge, { unknownField: 1, metadata: { alsoUnknown: 2 } }, 'fieldValidation=Ignore'],
  ['unknown fields', merge, { unknownField: 1 }, 'fieldValidation=Odd'],
  ['unknown fields', strategic, { unknownField: 1, metadata: { alsoUnknown: 2 } }, 'fieldValidation=Strict'],
  ['doubled keys', merge, '{"metadata":{"labels":{"a":"b","a":"c"}}}', 'fieldValidation=Strict'],
  ['an addition', json, [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }]],
  ['a failing test', json, [{ op: 'test', path: '/metadata/name', value: 'other' }]],
  ['a passing test', json, [{ op: 'test', path: '/kind', value: 'other' }]],
  ['an odd operation', json, [{ op: 'odd', path: '/metadata' }]],
  ['a missing path', json, [{ op: 'remove', path: '/metadata/nothing' }]],
  ['a path through nothing', json, [{ op: 'add', path: '/metadata/nothing/here', value: 1 }]],
  ['an object', json, { op: 'add' }],
  ['bad JSON', json, '['],
  ['an unknown field', json, [{ op: 'add', path: '/unknownField', value: 1 }], 'fieldValidation=Strict'],
  ['a copy', json, [{ op: 'copy', from: '/metadata/name', path: '/metadata/generateName' }]],
  ['a move', json, [{ op: 'move', from: '/metadata/name', path: '/metadata/generateName' }]],
  ['odd media', 'application/odd', {}],
  ['plain JSON', 'application/json', {}],
  ['force', merge, {}, 'force=true'],
  ['odd force', merge, {}, 'force=maybe'],
  ['an odd manager', merge, {}, `fieldManager=${'x'.repeat(129)}`],
  ['an odd manager', merge, {}, 'fieldManager=a%07b'],
  ['odd dry run', merge, {}, 'dryRun=Odd'],
]

const applied: readonly (readonly [
  name: string,
  change: readonly [readonly string[], unknown] | undefined,
  query: string,
])[] = [
  ['itself', undefined, 'fieldManager=applier&force=true'],
  ['itself', undefined, 'fieldManager=applier'],
  ['itself', undefined, ''],
  ['itself', undefined, 'fieldManager='],
  ['itself', undefined, 'fieldManager=applier&force=maybe'],
  ['labels', [['metadata', 'labels'], { applied: 'yes' }], 'fieldManager=applier&force=true'],
  ['other labels', [['metadata', 'labels'], { app: 'other', a: 'other' }], 'fieldManager=applier'],
  ['another name', [['metadata', 'name'], 'other'], 'fieldManager=applier'],
  ['another namespace', [['metadata', 'namespace'], 'other'], 'fieldManager=applier'],
  ['managed fields', [['metadata', 'managedFields'], [{ manager: 'a' }]], 'fieldManager=applier'],
  ['a revision', [['metadata', 'resourceVersion'], '1'], 'fieldManager=applier'],
  ['another kind', [['kind'], 'Other'], 'fieldManager=applier'],
  ['no kind', [['kind'], undefined], 'fieldManager=applier'],
  ['another version', [['apiVersion'], 'v7'], 'fieldManager=applier'],
  ['an unknown field', [['unknownField'], 1], 'fieldManager=applier&force=true'],
  ['an unknown field', [['unknownField'], 1], 'fieldManager=applier&force=true&fieldValidation=Warn'],
  ['a wrong type', [['metadata', 'labels'], 7], 'fieldManager=applier'],
]

/** All kinds of patches of the richest object of each kind, as dry runs. */
export function patchCases(richest: readonly Declared[]): Case[] {
  return richest
    .filter(({ facts }) => facts.verbs.includes('patch'))
    .flatMap((declared) => {
      const kind = kindName(declared.facts)
      const path = objectPath(declared)
      const send = (name: string, type: string, body: unknown, query: string, at = path): Case => ({
        kind,
        name,
        run: async (request) => [
          await request({
            method: 'PATCH',
            path: `${at}?${/dryRun/.test(query) ? '' : 'dryRun=All&'}${query}`,
            headers: { 'content-type': type },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        ],
      })
      const { status: _, ...spec } = declared.manifest
      return [
        ...patches.map(([name, type, body, query = '']) => send(`${type} of ${name} ?${query}`, type, body, query)),
        ...applied.map(([name, change, query]) =>
          send(`apply ${name} ?${query}`, apply, change ? withValue(spec, change[0], change[1] as never) : spec, query),
        ),
        send('apply bad YAML', apply, 'a: [', 'fieldManager=applier'),
        send('apply a list', apply, '[]', 'fieldManager=applier'),
        send(
          'apply YAML',
          apply,
          `apiVersion: ${spec.apiVersion}\nkind: ${spec.kind}\nmetadata:\n  labels: {a: b}\n`,
          'fieldManager=applier',
        ),
        send(
          'apply doubled keys',
          apply,
          `apiVersion: ${spec.apiVersion}\nkind: ${spec.kind}\nkind: ${spec.kind}\n`,
          'fieldManager=applier',
        ),
        send(
          'apply what is new',
          apply,
          withValue(spec, ['metadata', 'name'], 'absent'),
          'fieldManager=applier',
          `${collectionPath(declared.facts)}/absent`,
        ),
        send('merge into nothing', merge, {}, '', `${collectionPath(declared.facts)}/absent`),
      ]
    })
}
