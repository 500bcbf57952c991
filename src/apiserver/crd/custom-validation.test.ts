import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { errorText } from '../../machinery/field-error.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'
import { customValidation } from './custom-validation.ts'

const object = (members: object, metadata: object = {}) =>
  deepFreeze({
    apiVersion: 'a.b/v1',
    kind: 'Thing',
    metadata: { name: 'x', resourceVersion: '1', ...metadata },
    ...members,
  }) as KubeObject

function validationOf(properties: Record<string, JsonSchema>, more: JsonSchema = {}) {
  const schema = { type: 'object', properties, ...more }
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  }
  const version = { name: 'v1', served: true, storage: true, subresources: { scale } }
  const crd = { spec: { group: 'a.b', names: { kind: 'Thing' } } } as CustomResourceDefinition
  const { validate, validateStatus, warnings } = customValidation(crd, version, deepFreeze(schema))
  return {
    create: (members: object) => validate(object(members)).map(errorText),
    update: (members: object, old: object) => validate(object(members), object(old)).map(errorText),
    status: (members: object, old: object) => validateStatus(object(members), object(old)).map(errorText),
    warnings,
    validate,
  }
}

const even: JsonSchema = { type: 'integer', multipleOf: 2 }

test('an update may leave what is wrong as it was, but not change it', () => {
  const item = { type: 'object', properties: { name: { type: 'string' }, n: even } }
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } as const
  const { update } = validationOf({
    a: even,
    b: even,
    plain: { type: 'array', items: even },
    keyed: { type: 'array', items: item, ...keyed },
    either: { anyOf: [{ required: ['x'] }, { required: ['y'] }], type: 'object', properties: { z: even } },
  })
  assert.deepEqual(update({ a: 1, b: 3 }, { a: 1, b: 1 }), ['b: Invalid value: 3: b in body should be a multiple of 2'])
  assert.deepEqual(update({ plain: [1, 2] }, { plain: [1] }), [
    'plain[0]: Invalid value: 1: plain[0] in body should be a multiple of 2',
  ])
  const one = { name: 'one', n: 1 }
  assert.deepEqual(update({ keyed: [{ name: 'two', n: 3 }, one] }, { keyed: [one] }), [
    'keyed[0].n: Invalid value: 3: keyed[0].n in body should be a multiple of 2',
  ])
  assert.deepEqual(update({ either: { z: 1 } }, { either: { z: 1 } }), [])
  assert.equal(update({ either: { z: 2 } }, { either: { z: 1 } }).length, 2)
})

test('lists that held items twice may go on to', () => {
  const { update, create } = validationOf({
    s: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  })
  assert.deepEqual(create({ s: ['a', 'a'] }), ['s[1]: Duplicate value: "a"'])
  assert.deepEqual(update({ s: ['a', 'a', 'b'] }, { s: ['a', 'a'] }), [])
  assert.deepEqual(update({ s: ['a', 'a'] }, { s: ['a'] }), ['s[1]: Duplicate value: "a"'])
})

test('through /status only the status is validated, except by rules', () => {
  const { status } = validationOf(
    { spec: even, status: { type: 'object', properties: { n: even, phase: { type: 'string', enum: ['A'] } } } },
    { 'x-kubernetes-validations': [{ rule: 'self.status.n < 10' }] },
  )
  const old = { spec: 1, status: { n: 2 } }
  assert.deepEqual(status({ spec: 1, status: { n: 3 } }, old), [
    'status.n: Invalid value: 3: n in body should be a multiple of 2',
  ])
  assert.deepEqual(status({ spec: 1, status: { n: 10 } }, old), [
    '<nil>: Invalid value: failed rule: self.status.n < 10',
  ])
  assert.deepEqual(status({ spec: 1, status: { n: 12, phase: 'B' } }, old), [
    'status.phase: Unsupported value: "B": supported values: "A"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ])
})

test('what a scale is made of has the right types', () => {
  const { create } = validationOf({})
  assert.deepEqual(create({ spec: { replicas: -1 }, status: { replicas: 'x', selector: 1 } }), [
    '.spec.replicas: Invalid value: -1: should be a non-negative integer',
    '.status.replicas: Invalid value: 0: .status.replicas accessor error: x is of the type string, expected int64',
    '.status.selector: Invalid value: "": .status.selector accessor error: 1 is of the type int64, expected string',
  ])
})

test('embedded resources are objects of the API', () => {
  const embedded = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  }
  const { create } = validationOf({ e: embedded })
  assert.deepEqual(create({ e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'anyName' } } }), [])
  assert.deepEqual(create({ e: { apiVersion: 'a/b/c', metadata: { labels: { a: '!' } } } }), [
    'e.kind: Required value',
    'e.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    `e.metadata.labels: Invalid value: "!": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  ])
  assert.deepEqual(create({ e: { apiVersion: 1, kind: '', metadata: [] } }), [
    'e.apiVersion: Invalid value: 1: must be a string',
    'e.kind: Invalid value: "": must not be empty',
    'e.metadata: Invalid value: []: json: cannot unmarshal array into Go value of type v1.ObjectMeta',
  ])
})

test('rules that an unchanged value breaks warn; so do finalizers without a domain', () => {
  const { validate, warnings } = validationOf({
    a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 5' }] },
  })
  const [now, old] = [object({ a: 1 }, { finalizers: ['b', 'a.b', 'a/b'] }), object({ a: 1 }, { finalizers: ['b'] })]
  assert.deepEqual(validate(now, old), [])
  assert.deepEqual(warnings(now, old), [
    'metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
    'a: Invalid value: 1: failed rule: self > 5',
  ])
})

test('members that are no objects have nothing to scale', () => {
  const { create } = validationOf({})
  assert.deepEqual(create({ spec: 'x' }), [
    '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected map[string]interface{}',
  ])
})

test('what is wrong with metadata, too, keeps rules from being asked', () => {
  const { validate } = validationOf({ n: even }, { 'x-kubernetes-validations': [{ rule: 'false' }] } as JsonSchema)
  const errors = validate(object({ n: 2 }, { ownerReferences: [{ apiVersion: 'v1' }] })).map(errorText)
  assert.match(errors.at(-1) ?? '', /^<nil>: .*some validation rules were not checked because the object was invalid/)
})
