import assert from 'node:assert/strict'
import test from 'node:test'
import { errorText } from '../../field-error.ts'
import { declaredRules, type DeclaredTypes } from './rules.ts'

const types: DeclaredTypes = {
  'a/v1.Claim': [
    ['spec', '!immutable', '&Spec'],
    ['status', '&Status'],
    ['metadata', ['name', '!optional', 'longName']],
  ],
  'a/v1.Spec': [
    ['requests[]', '!optional', '!maxItems=2', 'unique=name', '[name]&Request'],
    ['labels[]', '!optional', '{keys}shortName', '{}&Value'],
    ['.', '&Inline'],
  ],
  'a/v1.Inline': [['driver', '?!required', 'maxBytes=3']],
  'a/v1.Request': [
    ['name', '!required', 'shortName'],
    ['mode', '!optional', '&Mode'],
    ['count', 'minimum=1'],
  ],
  'a/v1.Mode': [['', 'enum=All,One']],
  'a/v1.Value': [['', 'union=int,string']],
  'a/v1.Status': [
    ['result*', '!optional', '!update=NoModify'],
    ['conditions[]', '!optional', 'atMostOneItem=type:Yes,No'],
    ['limit*', '!optional', '&b/v1.Limit'],
    ['rank*', '!update=NoUnset,NoModify'],
  ],
  'b/v1.Limit': [['', 'member=queue:type:Queue:required']],
}
const ruled = declaredRules(types, 'a/v1.Claim')
const rules = (value: object, old: object | undefined, ...features: string[]) =>
  ruled(value, old, (feature) => features.includes(feature))
const faults = (value: object, old?: object) => rules(value, old).map(errorText)
const request = { name: 'a', count: 1 }

test('a rule that stops keeps the later ones from being asked, and an optional field that is absent has no faults', () => {
  assert.deepEqual(faults({ spec: {} }), [])
  assert.deepEqual(faults({ spec: { requests: [request, request, { count: 1 }] } }), [
    'spec.requests: Too many: 3: must have at most 2 items',
  ])
  assert.deepEqual(faults({ spec: { requests: [{ count: 1 }] } }), ['spec.requests[0].name: Required value'])
})

test('items are told apart by their key, and each is checked', () => {
  assert.deepEqual(faults({ spec: { requests: [request, { name: 'a', mode: 'Some' }] } }), [
    'spec.requests[1]: Duplicate value: {"name":"a","mode":"Some"}',
    'spec.requests[1].mode: Unsupported value: "Some": supported values: "All", "One"',
    'spec.requests[1].count: Invalid value: 0: must be greater than or equal to 1',
  ])
})

test('keys and values of maps', () => {
  assert.deepEqual(faults({ spec: { labels: { 'a.b': { int: 1 }, c: { int: 1, string: '' }, d: {} } } }), [
    'spec.labels: Invalid value: "a.b": must not contain dots',
    'spec.labels[c]: Invalid value: "{int, string}": must specify exactly one of: `int`, `string`',
    'spec.labels[d]: Invalid value: "": must specify one of: `int`, `string`',
  ])
})

test('a rehearsed rule stops without a word; embedded structs have the path of the outer one', () => {
  assert.deepEqual(faults({ spec: { driver: 'abcd' } }), ['spec.driver: Too long: may not be more than 3 bytes'])
})

test('what an update leaves alone is not checked again', () => {
  const old = { spec: { requests: [{ name: 'A' }] }, status: { result: { x: 1 } } }
  assert.deepEqual(faults({ ...old }, old), [])
  assert.deepEqual(faults({ spec: {}, status: old.status }, old), ['spec: Invalid value: null: field is immutable'])
})

test('a field that may be set once', () => {
  assert.deepEqual(faults({ status: { result: { x: 1 } } }, { status: {} }), [])
  assert.deepEqual(faults({ status: { result: { x: 2 } } }, { status: { result: { x: 1 } } }), [
    'status.result: Invalid value: null: field cannot be modified once set',
  ])
})

test('null is unset, where a pointer is always written', () => {
  assert.deepEqual(faults({ status: { rank: null } }, { status: { rank: 1 } }), [
    'status.rank: Invalid value: null: field cannot be cleared once set',
  ])
  assert.deepEqual(faults({ status: { rank: 1 } }, { status: { rank: null } }), [])
})

test('unions of items and of members with a discriminator', () => {
  assert.deepEqual(faults({ status: { conditions: [{ type: 'Yes' }, { type: 'No' }], limit: { type: 'Queue' } } }), [
    'status.conditions: Invalid value: "{conditions[{\\"type\\": \\"Yes\\"}], conditions[{\\"type\\": \\"No\\"}]}": ' +
      'must specify at most one of: `conditions[{"type": "Yes"}]`, `conditions[{"type": "No"}]`',
    'status.limit.queue: Required value',
  ])
  assert.deepEqual(faults({ status: { limit: { type: 'Reject', queue: {} } } }), ['status.limit.queue: Forbidden'])
})

test('members of metadata', () => {
  assert.match(
    faults({ metadata: { name: 'A_b' } }).join(),
    /^metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain/,
  )
})

test('a rule may hold only with a feature, or only without it', () => {
  const gated = declaredRules(
    { 'a/v1.Gated': [['size*', '@-Big:!forbidden', '@-Big:!optional', '@Big:maximum=9', 'minimum=1']] },
    'a/v1.Gated',
  )
  const faults = (size: number, isOn: boolean) => gated({ size }, undefined, () => isOn).map(errorText)
  assert.deepEqual(faults(12, false), ['size: Forbidden'])
  assert.deepEqual(faults(12, true), ['size: Invalid value: 12: must be less than or equal to 9'])
  assert.deepEqual(faults(3, true), [])
})

test('items may be kept from coming and going, numbers from falling', () => {
  const fixed = declaredRules(
    {
      'a/v1.Fixed': [
        ['items[]', 'itemsUpdate=name:NoAddItem,NoRemoveItem'],
        ['count*', 'monotonic'],
      ],
    },
    'a/v1.Fixed',
  )
  const faults = (value: object, old?: object) => fixed(value, old, () => false).map(errorText)
  const [a, b] = [{ name: 'a' }, { name: 'b' }]
  assert.deepEqual(faults({ items: [a, b], count: 1 }), [])
  assert.deepEqual(faults({ items: [b], count: 1 }, { items: [a], count: 2 }), [
    'items[0]: Forbidden: item may not be added',
    'items: Forbidden: item may not be removed',
    'count: Invalid value: 1: may not be decreased from 2',
  ])
})
