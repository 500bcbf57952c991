import assert from 'node:assert/strict'
import test from 'node:test'
import { faultsOf, faultsOfChange, made, merged, warningsOf, type Loose } from '../rules.fixture.ts'
import { deviceClasses } from './v1/device-class.ts'
import { deviceTaintRules } from './v1/device-taint-rule.ts'
import { resourceClaimTemplates } from './v1/resource-claim-template.ts'
import { resourceClaims } from './v1/resource-claim.ts'
import { resourceSlices } from './v1/resource-slice.ts'

const metadata = { name: 'a', namespace: 'd' }
const exactly = (more: Loose = {}) => ({ name: 'one', exactly: { deviceClassName: 'c', ...more } })
const claim = (devices: Loose) => ({ metadata, spec: { devices } })
const slice = (spec: Loose) => ({
  metadata: { name: 'a' },
  spec: { driver: 'd.example.com', nodeName: 'n', pool: { name: 'p', resourceSliceCount: 1 }, ...spec },
})
const device = (more: Loose) => slice({ devices: [{ name: 'x', ...more }] })
const selector = (expression: string) => ({ selectors: [{ cel: { expression } }] })

test('a claim asks for devices of a class, one by default', () => {
  const { spec } = made(resourceClaims, claim({ requests: [exactly()] }))
  assert.deepEqual(spec.devices?.requests?.[0]?.exactly, {
    deviceClassName: 'c',
    allocationMode: 'ExactCount',
    count: 1,
  })
  assert.deepEqual(faultsOf(resourceClaims, claim({})), [])
})

test('a fault shows what it is about in the order of its type', () => {
  assert.deepEqual(
    faultsOf(resourceClaims, claim({ requests: [exactly({ capacity: {} }), exactly({ capacity: {} })] })),
    [
      'spec.devices.requests[1]: Duplicate value: {"name":"one","exactly":{"deviceClassName":"c","allocationMode":"ExactCount","count":1,"capacity":{}}}',
    ],
  )
})

const request = 'spec.devices.requests[0]'
const claimFaults: readonly (readonly [Loose, ...string[]])[] = [
  [
    { requests: [{ name: 'one' }] },
    `${request}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`,
  ],
  [
    { requests: [{ ...exactly(), firstAvailable: [{ name: 's', deviceClassName: 'c' }] }] },
    `${request}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
  ],
  [{ requests: [{ name: 'one', exactly: {} }] }, `${request}.exactly.deviceClassName: Required value`],
  [
    { requests: [exactly({ allocationMode: 'All', count: 2 })] },
    `${request}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`,
  ],
  [
    { requests: [exactly({ allocationMode: 'Some' })] },
    `${request}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`,
  ],
  [
    { requests: [exactly({ tolerations: [{ operator: 'Exists', value: 'v' }] })] },
    `${request}.exactly.tolerations[0].value: Invalid value: "v": must be empty for operator \`Exists\``,
  ],
  [
    { requests: [exactly()], constraints: [{ requests: ['two'] }] },
    'spec.devices.constraints[0].requests[0]: Invalid value: "two": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
    'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
  ],
  [
    { config: [{ opaque: { driver: 'd.example.com', parameters: 5 } }] },
    'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
  ],
  [{ config: [{}] }, 'spec.devices.config[0].opaque: Required value'],
]
for (const [devices, ...faults] of claimFaults) {
  test(`a claim is refused with ${JSON.stringify(devices)}`, () => {
    assert.deepEqual(faultsOf(resourceClaims, claim(devices)), faults)
  })
}

test('selectors are expressions over a device that say yes or no, and cost little', () => {
  const check = (expression: string) =>
    faultsOf(resourceClaims, claim({ requests: [exactly(selector(expression))] })).map((fault) => fault.split('\n')[0])
  const at = `${request}.exactly.selectors[0].cel.expression`
  assert.deepEqual(
    check(`device.attributes["a.b"].c == "x" && device.capacity["a.b"].m.isGreaterThan(quantity("1"))`),
    [],
  )
  assert.deepEqual(check('cel.bind(a, device.attributes["a.b"], a.x || a.y)'), [])
  assert.deepEqual(check('device.driver'), [
    `${at}: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
  ])
  assert.match(check('device.none').join(), /compilation failed: ERROR: <input>:1:7: undefined field 'none'/)
  const all = (name: string, inner: string) => `device.attributes.all(${name}, ${inner})`
  assert.deepEqual(check(all('a', all('b', all('c', all('d', 'a != b || c != d'))))), [
    `${at}: Forbidden: too complex, exceeds cost limit`,
  ])
})

test('a claim keeps its spec, and an allocation that it was given', () => {
  const stored = claim({ requests: [exactly()] })
  assert.deepEqual(faultsOfChange(resourceClaims, stored, { spec: { devices: { requests: undefined } } }), [
    'spec: Invalid value: null: field is immutable',
  ])
  const result = { request: 'one', driver: 'd.example.com', pool: 'p', device: 'x' }
  const allocation = { devices: { results: [result] } }
  const allocated = { ...stored, status: { allocation } }
  const ofStatus = (before: Loose, status: Loose) => faultsOfChange(resourceClaims, before, { status }, 'status')
  assert.deepEqual(ofStatus(stored, { allocation }), [])
  assert.deepEqual(ofStatus(stored, { allocation: { devices: { results: [{ ...result, request: 'two' }] } } }), [
    'status.allocation.devices.results[0].request: Invalid value: "two": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
  ])
  assert.deepEqual(ofStatus(allocated, { allocation: { devices: { results: [{ ...result, device: 'y' }] } } }), [
    'status.allocation: Invalid value: null: field cannot be modified once set',
  ])
  const reservedFor = [{ resource: 'pods', name: 'w', uid: 'u' }]
  assert.deepEqual(ofStatus(stored, { reservedFor }), [
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ])
  assert.deepEqual(ofStatus(allocated, { devices: [{ driver: 'd.example.com', pool: 'p', device: 'z' }] }), [
    'status.devices[0]: Invalid value: {"Driver":"d.example.com","Pool":"p","Device":"z","ShareID":""}: must be an allocated device in the claim',
  ])
})

test('a template is checked as the claims that it makes, and never changes', () => {
  const template = { metadata, spec: { spec: { devices: { requests: [exactly()] } } } }
  assert.deepEqual(faultsOf(resourceClaimTemplates, template), [])
  const named = merged(template, { spec: { metadata: { name: 'n' } } })
  assert.deepEqual(faultsOf(resourceClaimTemplates, named), ['spec.metadata.name: Forbidden: cannot be set'])
  assert.deepEqual(faultsOfChange(resourceClaimTemplates, template, { spec: { spec: { devices: undefined } } }), [
    'spec: Invalid value: {"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}: field is immutable',
  ])
})

test('a class does not check again what it keeps', () => {
  const stored = { metadata: { name: 'c' }, spec: selector('device.none') }
  assert.equal(faultsOf(deviceClasses, stored).length, 1)
  assert.deepEqual(faultsOfChange(deviceClasses, stored, { metadata: { labels: { a: 'b' } } }), [])
  assert.deepEqual(faultsOf(deviceClasses, { metadata: { name: 'c' }, spec: { extendedResourceName: 'x' } }), [
    'spec.extendedResourceName: Invalid value: "x": a name must be a domain-prefixed path, such as \'example.com/my-prop\'',
  ])
})

const sliceFaults: readonly (readonly [string, Loose, ...string[]])[] = [
  [
    'two places',
    slice({ allNodes: true }),
    'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
  ],
  [
    'nowhere',
    slice({ nodeName: undefined }),
    'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
  ],
  [
    'a pool of nothing',
    slice({ pool: { name: '', resourceSliceCount: 0, generation: -1 } }),
    'spec.pool.name: Required value',
    'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
  ],
  [
    'an attribute of no version',
    device({ attributes: { v: { version: '1.2' } } }),
    'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
  ],
  [
    'an attribute of two values',
    device({ attributes: { v: { int: 1, bool: false } } }),
    'spec.devices[0].attributes[v]: Invalid value: "{int, bool}": must specify exactly one of: `int`, `bool`, `string`, `version`, `ints`, `bools`, `strings`, `versions`',
  ],
  [
    'a device that says where it is',
    device({ allNodes: true }),
    'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
  ],
  [
    'a policy for capacity that nobody shares',
    device({ capacity: { m: { value: '1', requestPolicy: {} } } }),
    'spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true',
  ],
  [
    'failures without success',
    device({ bindingFailureConditions: ['a'] }),
    'spec.devices[0].bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions',
  ],
  [
    'too many elaborate devices',
    slice({
      devices: Array.from({ length: 65 }, (_, at) => ({ name: `d${at}`, taints: [{ key: 'k', effect: 'None' }] })),
    }),
    'spec.devices: Too many: 65: must have at most 64 items',
  ],
]
for (const [what, object, ...faults] of sliceFaults) {
  test(`a slice is refused for ${what}`, () => assert.deepEqual(faultsOf(resourceSlices, object), faults))
}

test('shared capacity has a default among its values or within its range', () => {
  const capacity = (requestPolicy: Loose) =>
    faultsOf(
      resourceSlices,
      device({ allowMultipleAllocations: true, capacity: { m: { value: '8', requestPolicy } } }),
    ).map((fault) => fault.replace('spec.devices[0].capacity[m].requestPolicy', ''))
  assert.deepEqual(capacity({ default: '2', validValues: ['1', '2'] }), [])
  assert.deepEqual(capacity({ validValues: ['1'] }), ['.default: Required value: required when validValues is defined'])
  assert.deepEqual(capacity({ default: '3', validValues: ['2', '1', '9'] }), [
    '.validValues[1]: Invalid value: "1": values must be sorted in ascending order',
    '.validValues[2]: Invalid value: "9": option is larger than capacity value: 8',
    '.validValues: Invalid value: "3": default value is not valid according to the requestPolicy',
  ])
  assert.deepEqual(capacity({ default: '4', validRange: { min: '2', max: '7', step: '2' } }), [
    '.validRange.step: Invalid value: "7": value is not a multiple of a given step (2) from (2)',
  ])
})

test('what features that are off would say is not kept', () => {
  const { spec } = made(
    resourceSlices,
    merged(device({ attributes: { a: { ints: [1] } } }), { spec: { skipNodeOperations: ['*'] } }),
  )
  assert.equal(spec.skipNodeOperations, undefined)
  assert.deepEqual(spec.devices?.[0]?.attributes, { a: {} })
})

test('drivers are written small', () => {
  assert.deepEqual(warningsOf(resourceSlices, slice({ driver: 'D.example.com' })), [
    'spec.driver: driver names should be lowercase; "D.example.com" contains uppercase characters',
  ])
})

test('a taint of devices begins when it is made, or when its effect becomes another', () => {
  const rule = { metadata: { name: 'r' }, spec: { taint: { key: 'k', effect: 'NoSchedule' } } }
  assert.equal(made(deviceTaintRules, rule).spec.taint.timeAdded, '2026-01-02T03:04:05Z')
  assert.deepEqual(faultsOf(deviceTaintRules, merged(rule, { spec: { taint: { key: '', effect: 'Odd' } } })), [
    'spec.taint.key: Invalid value: "": name part must be non-empty',
    "spec.taint.key: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    'spec.taint.effect: Unsupported value: "Odd": supported values: "NoExecute", "NoSchedule", "None"',
  ])
})
