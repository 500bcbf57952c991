import { gzipSync } from 'node:zlib'
import { bytes, configMaps, deployments, malformedBodies, nested, strict } from './case.fixture.ts'

const map = `${configMaps}/victim`
const deployment = { path: `${deployments}/victim` }
const strictly = { path: `${map}?${strict}` }

const shapes = {
  'nothing at all': '',
  'only space': ' \n',
  'cut off inside an object': '{"data":{"a"',
  'cut off inside a list': '[{"op":"add"',
  'a string': '"x"',
  'a number': '5',
  null: 'null',
  true: 'true',
  'something behind the end': '{} x',
  'a NUL': bytes('{"data":{"a":"', [0], '"}}'),
  'bad UTF-8 outside strings': bytes('{', [0xff], '}'),
  'UTF-16': Buffer.from('{"data":{"a":"b"}}', 'utf16le'),
  gzip: gzipSync('{"data":{"a":"b"}}'),
  'lists nested a hundred thousand deep': nested(100_000, '[', ']'),
  'objects nested a hundred thousand deep': nested(100_000, '{"a":', '}', '1'),
  'lists nested a million deep and never closed': '['.repeat(1_000_000),
  'more than three megabytes': `{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`,
}
const operation = (more: object) => JSON.stringify([{ op: 'add', path: '/data/x', value: 'y', ...more }])

export const jsonPatchBodies = malformedBodies(
  'json patch',
  { method: 'PATCH', path: map, contentType: 'application/json-patch+json' },
  {
    ...shapes,
    'an object': '{}',
    'a list of strings': '["add"]',
    'a list of nulls': '[null]',
    'no operation': '[{}]',
    'an unknown operation': operation({ op: 'brew' }),
    'an operation that is a number': operation({ op: 5 }),
    'no path': '[{"op":"add","value":"x"}]',
    'a path that is a number': operation({ path: 5 }),
    'a path without a slash': operation({ path: 'data' }),
    'a path to nowhere': operation({ path: '/tea/time' }),
    'a path of bad escapes': operation({ path: '/data/~2' }),
    'no value': '[{"op":"add","path":"/data/x"}]',
    'a removal of what is not there': '[{"op":"remove","path":"/data/zzz"}]',
    'a replacement of what is not there': '[{"op":"replace","path":"/data/zzz","value":"x"}]',
    'a removal of everything': '[{"op":"remove","path":""}]',
    'a move without from': '[{"op":"move","path":"/data/x"}]',
    'a move from nowhere': '[{"op":"move","from":"/tea","path":"/data/x"}]',
    'a move into itself': '[{"op":"move","from":"/data","path":"/data/x"}]',
    'a copy from nowhere': '[{"op":"copy","from":"/tea","path":"/data/x"}]',
    'a test that fails': '[{"op":"test","path":"/data/a","value":"c"}]',
    'a test of what is not there': '[{"op":"test","path":"/data/zzz","value":"c"}]',
    'an index that is no number': [operation({ path: '/spec/template/spec/containers/first', value: {} }), deployment],
    'an index beyond the end': [operation({ path: '/spec/template/spec/containers/7', value: {} }), deployment],
    'a negative index': [operation({ path: '/spec/template/spec/containers/-2', value: {} }), deployment],
    'a removal of the item after the last': ['[{"op":"remove","path":"/spec/template/spec/containers/-"}]', deployment],
    'a value of a wrong type': operation({ value: 5 }),
    'metadata made a list': operation({ path: '/metadata', value: [] }),
    'the kind changed': operation({ path: '/kind', value: 'Secret' }),
    'the name changed': operation({ path: '/metadata/name', value: 'other' }),
    'the whole replaced by a string': '[{"op":"replace","path":"","value":"x"}]',
    '__proto__ as a path': operation({ path: '/data/__proto__/polluted' }),
    '__proto__ as a value': [operation({ path: '/data/__proto__', value: { polluted: true } }), strictly],
    'an unknown field': [operation({ path: '/tea' }), strictly],
    'an unknown member of an operation': [operation({ tea: 1 }), strictly],
    'more than ten thousand operations': JSON.stringify(
      Array(10_001).fill({ op: 'test', path: '/data/a', value: 'b' }),
    ),
    'copies that double each time': JSON.stringify([
      { op: 'add', path: '/data/x0', value: 'x'.repeat(100_000) },
      ...Array.from({ length: 40 }, (_, n) => ({ op: 'copy', from: '/data', path: `/metadata/x${n}` })),
    ]),
  },
)

export const mergePatchBodies = malformedBodies(
  'merge patch',
  { method: 'PATCH', path: map, contentType: 'application/merge-patch+json' },
  {
    ...shapes,
    'a list': '[]',
    'a list of objects': '[{"data":{"a":"b"}}]',
    'data that is a string': '{"data":"x"}',
    'data that is a list': '{"data":[]}',
    'data that holds a number': '{"data":{"a":5}}',
    'metadata that is a string': '{"metadata":"x"}',
    'metadata that is null': '{"metadata":null}',
    'labels that hold a number': '{"metadata":{"labels":{"a":5}}}',
    'the kind changed': '{"kind":"Secret"}',
    'the version changed': '{"apiVersion":"v7"}',
    'the kind taken away': '{"kind":null}',
    'the name changed': '{"metadata":{"name":"other"}}',
    'the namespace changed': '{"metadata":{"namespace":"other"}}',
    'the uid changed': '{"metadata":{"uid":"other"}}',
    'a resourceVersion that is no number': '{"metadata":{"resourceVersion":"tea"}}',
    'a resourceVersion that is old': '{"metadata":{"resourceVersion":"1"}}',
    'an unknown field': ['{"tea":1}', strictly],
    'a field twice': ['{"data":{"x":"y"},"data":{"x":"z"}}', strictly],
    '__proto__ as a field': ['{"__proto__":{"polluted":true}}', strictly],
    '__proto__ as a value': ['{"data":{"__proto__":{"polluted":true}}}', strictly],
    'a number that is too large for its type': ['{"spec":{"replicas":99999999999}}', deployment],
    'a number that is too large for any type': ['{"spec":{"replicas":1e400}}', deployment],
    'a number that is a string': ['{"spec":{"replicas":"3"}}', deployment],
    'containers that are an object': ['{"spec":{"template":{"spec":{"containers":{}}}}}', deployment],
    'no containers': ['{"spec":{"template":{"spec":{"containers":null}}}}', deployment],
    'bytes that are not base64': '{"binaryData":{"x":"?"}}',
  },
)

const containers = (items: unknown, more: object = {}) =>
  JSON.stringify({ spec: { template: { spec: { containers: items, ...more } } } })

export const strategicPatchBodies = malformedBodies(
  'strategic merge patch',
  { method: 'PATCH', path: map, contentType: 'application/strategic-merge-patch+json' },
  {
    ...shapes,
    'a list': '[]',
    'data that is a string': '{"data":"x"}',
    'data that is a list': '{"data":[]}',
    'data that holds a number': '{"data":{"a":5}}',
    'metadata that is a string': '{"metadata":"x"}',
    'the name changed': '{"metadata":{"name":"other"}}',
    'the kind changed': '{"kind":"Secret"}',
    'an unknown directive': '{"$patch":"brew"}',
    'a directive that is a number': '{"$patch":5}',
    'an unknown directive in a map': '{"data":{"$patch":"brew"}}',
    'an unknown directive in a list': [containers([{ $patch: 'brew', name: 'main' }]), deployment],
    'an item without its key': [containers([{ image: 'x' }]), deployment],
    'an item that is a string': [containers(['main']), deployment],
    'an item that is null': [containers([null]), deployment],
    'a list that is an object': [containers({ name: 'main' }), deployment],
    'a key that is a number': [containers([{ name: 5, image: 'x' }]), deployment],
    'an order that is no list': [containers([], { '$setElementOrder/containers': 'main' }), deployment],
    'an order without its items': [
      containers([{ name: 'other', image: 'x' }], { '$setElementOrder/containers': [{ name: 'main' }] }),
      deployment,
    ],
    'an order of items without keys': [
      containers([{ name: 'main' }], { '$setElementOrder/containers': [{ image: 'x' }] }),
      deployment,
    ],
    'a deletion list that is an object': ['{"metadata":{"$deleteFromPrimitiveList/finalizers":{}}}', deployment],
    'keys to retain that are no list': ['{"spec":{"strategy":{"$retainKeys":"type"}}}', deployment],
    'keys to retain without what is set': [
      '{"spec":{"strategy":{"$retainKeys":["type"],"rollingUpdate":{"maxSurge":1}}}}',
      deployment,
    ],
    'an unknown field': ['{"tea":1}', strictly],
    'a field twice': ['{"data":{"x":"y"},"data":{"x":"z"}}', strictly],
    '__proto__ as a field': ['{"__proto__":{"polluted":true}}', strictly],
    '__proto__ as a value': ['{"data":{"__proto__":{"polluted":true}}}', strictly],
    'a number that is too large for its type': ['{"spec":{"replicas":99999999999}}', deployment],
    'a number that is a string': ['{"spec":{"replicas":"3"}}', deployment],
  },
)

const apply = 'fieldManager=tea'
const applied = (more: string) => `kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: victim\n${more}`
const appliedDeployment = (spec: object) =>
  JSON.stringify({ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'victim' }, spec })
const containersOf = (items: unknown) => appliedDeployment({ template: { spec: { containers: items } } })
const toDeployment = { path: `${deployments}/victim?${apply}` }

export const applyBodies = malformedBodies(
  'apply',
  { method: 'PATCH', path: `${map}?${apply}`, contentType: 'application/apply-patch+yaml' },
  {
    ...shapes,
    'a list': '[]',
    'an empty object': '{}',
    'no manager': [applied(''), { path: map }],
    'a manager with a bad character': [applied(''), { path: `${map}?fieldManager=a%00b` }],
    'a manager that is too long': [applied(''), { path: `${map}?fieldManager=${'x'.repeat(129)}` }],
    'force that is no bool': [applied(''), { path: `${map}?${apply}&force=tea` }],
    'no kind': 'apiVersion: v1\nmetadata:\n  name: victim',
    'no version': 'kind: ConfigMap\nmetadata:\n  name: victim',
    'no name': 'kind: ConfigMap\napiVersion: v1',
    'another name': 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: other',
    'another namespace': 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: victim\n  namespace: other',
    'another kind': 'kind: Secret\napiVersion: v1\nmetadata:\n  name: victim',
    'another version': 'kind: ConfigMap\napiVersion: v7\nmetadata:\n  name: victim',
    'a version with too many parts': 'kind: ConfigMap\napiVersion: a/b/c\nmetadata:\n  name: victim',
    'a kind that is a number': 'kind: 5\napiVersion: v1\nmetadata:\n  name: victim',
    'metadata that is a list': 'kind: ConfigMap\napiVersion: v1\nmetadata: []',
    'managed fields': applied('  managedFields:\n  - manager: x\n    operation: Apply\n'),
    'data that is a string': applied('data: tea\n'),
    'data that holds a number': applied('data:\n  x: 5\n'),
    'data that holds a list': applied('data:\n  x: [a]\n'),
    'an unknown field': [applied('tea: 1\n'), { path: `${map}?${apply}&${strict}` }],
    'an unknown field without strictness': applied('tea: 1\n'),
    'a key twice': applied('data:\n  x: a\n  x: b\n'),
    'a key twice with strictness': [applied('data:\n  x: a\n  x: b\n'), { path: `${map}?${apply}&${strict}` }],
    '__proto__ as a field': [applied('__proto__: {polluted: true}\n'), { path: `${map}?${apply}&${strict}` }],
    '__proto__ as a value': applied('data:\n  __proto__: {polluted: true}\n'),
    'a conflict': applied('data:\n  a: c\n'),
    'an uid': applied('  uid: tea\n'),
    'a resourceVersion that is old': applied('  resourceVersion: "1"\n'),
    'a tab': 'kind: ConfigMap\n\tapiVersion: v1',
    'an unknown alias': 'kind: *tea',
    'a billion laughs':
      'a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n',
    'an item without its key': [containersOf([{ image: 'x' }]), toDeployment],
    'an item twice': [
      containersOf([
        { name: 'x', image: 'i' },
        { name: 'x', image: 'j' },
      ]),
      toDeployment,
    ],
    'an item that is a string': [containersOf(['main']), toDeployment],
    'an item that is null': [containersOf([null]), toDeployment],
    'a list that is an object': [containersOf({ name: 'main' }), toDeployment],
    'a key that is a number': [containersOf([{ name: 5, image: 'x' }]), toDeployment],
    'a finalizer twice': [
      '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"victim","finalizers":["a.b/c","a.b/c"]}}',
      toDeployment,
    ],
    'a number that is a string': [appliedDeployment({ replicas: '3' }), toDeployment],
    'a number that is too large for its type': [appliedDeployment({ replicas: 99999999999 }), toDeployment],
    'a fraction': [appliedDeployment({ replicas: 1.5 }), toDeployment],
    'a quantity that is none': [containersOf([{ name: 'main', resources: { limits: { cpu: 'tea' } } }]), toDeployment],
    CBOR: [bytes([0xd9, 0xd9, 0xf7, 0xa0]), { contentType: 'application/apply-patch+cbor' }],
    'a patch of no known type': [applied(''), { contentType: 'application/tea-patch+json' }],
    'a patch without a type': [applied(''), { contentType: '' }],
  },
)
