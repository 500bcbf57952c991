import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../definition.ts'
import { faultsOf, faultsOfChange, merged, type Loose } from '../rules.fixture.ts'
import { flowSchemas } from './v1/flow-schema.ts'
import { mandatoryFlowSchemaSpecs, mandatoryPriorityLevelSpecs } from './v1/mandatory.ts'
import { priorityLevelConfigurations } from './v1/priority-level-configuration.ts'

const metadata = { name: 'x' }
const rule = {
  subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'n' } }],
  resourceRules: [{ verbs: ['get'], apiGroups: ['*'], resources: ['pods'], namespaces: ['n'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/a/*', '/'] }],
}
const queuing = { queues: 64, handSize: 8, queueLengthLimit: 50 }
const valid = {
  schema: [flowSchemas as never, { metadata, spec: { priorityLevelConfiguration: { name: 'l' }, rules: [rule] } }],
  level: [
    priorityLevelConfigurations as never,
    { metadata, spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing } } } },
  ],
} satisfies Record<string, [ResourceDefinition, Loose]>
type Kind = keyof typeof valid

test('what is right is taken, and so is what is mandatory', () => {
  for (const [definition, object] of Object.values(valid)) assert.deepEqual(faultsOf(definition, object), [])
  for (const [name, spec] of Object.entries(mandatoryFlowSchemaSpecs)) {
    assert.deepEqual(faultsOf(flowSchemas as never, { metadata: { name }, spec }), [])
  }
  for (const [name, spec] of Object.entries(mandatoryPriorityLevelSpecs)) {
    assert.deepEqual(faultsOf(priorityLevelConfigurations as never, { metadata: { name }, spec }), [])
  }
})

const ruled = (change: Loose): Loose => ({ spec: { rules: [merged(rule, change)] } })
const respond = (limitResponse: Loose): Loose => ({ spec: { limited: { limitResponse } } })
const at = 'spec.rules[0]'
const cases: readonly [kind: Kind, change: Loose, ...faults: string[]][] = [
  [
    'schema',
    { spec: { matchingPrecedence: -1 } },
    'spec.matchingPrecedence: Invalid value: -1: must be a positive value',
  ],
  [
    'schema',
    { spec: { matchingPrecedence: 10001 } },
    'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
  ],
  [
    'schema',
    { spec: { matchingPrecedence: 1 } },
    "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
  ],
  [
    'schema',
    { spec: { distinguisherMethod: { type: 'a' } } },
    'spec.distinguisherMethod.type: Unsupported value: {"Type":"a"}: supported values: "ByNamespace", "ByUser"',
  ],
  [
    'schema',
    { spec: { priorityLevelConfiguration: { name: '' } } },
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
  [
    'schema',
    { spec: { rules: [{}] } },
    `${at}.subjects: Required value: subjects must contain at least one value`,
    `${at}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
  ],
  [
    'schema',
    ruled({ subjects: [{ kind: 'User', group: { name: 'g' } }, { kind: 'Robot' }] }),
    `${at}.subjects[0].user: Required value: user is required when subject kind is 'User'`,
    `${at}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'`,
    `${at}.subjects[1].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`,
  ],
  [
    'schema',
    ruled({ resourceRules: [{ verbs: ['get', 'go'], apiGroups: ['*', 'a'] }] }),
    `${at}.resourceRules[0].verbs: Unsupported value: ["get","go"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"`,
    `${at}.resourceRules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups`,
    `${at}.resourceRules[0].resources: Required value: resource rules must supply at least one resource`,
    `${at}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
  ],
  [
    'schema',
    ruled({ nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['a', '/a b', '/a//b', '/a*', ''] }] }),
    `${at}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash`,
    `${at}.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a b": must not contain white-space`,
    `${at}.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a//b": must not contain double slash`,
    `${at}.nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a*": wildcard can only do suffix matching`,
    `${at}.nonResourceRules[0].nonResourceURLs[4]: Invalid value: "": must not be empty`,
  ],
  [
    'level',
    { spec: { type: 'Exempt' } },
    "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
    'spec.limited: Forbidden',
  ],
  ['level', { spec: { limited: undefined } }, 'spec.limited: Required value'],
  ['level', { spec: { type: '', limited: undefined } }, 'spec.type: Required value'],
  ['level', respond({ type: 'Reject' }), 'spec.limited.limitResponse.queuing: Forbidden'],
  ['level', respond({ type: 'Queue', queuing: undefined }), 'spec.limited.limitResponse.queuing: Required value'],
  [
    'level',
    respond({ queuing: { queues: 64, handSize: 11 } }),
    'spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60',
  ],
  [
    'level',
    { spec: { limited: { lendablePercent: 101 } } },
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ],
]

test('what is wrong is told as upstream tells it', () => {
  for (const [kind, change, ...faults] of cases) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOf(definition, merged(object, change)), faults)
  }
})

test('what is mandatory cannot be changed, but for the shares of what is exempt', () => {
  const exempt = { metadata: { name: 'exempt' }, spec: mandatoryPriorityLevelSpecs['exempt'] }
  const level = priorityLevelConfigurations as never
  assert.deepEqual(faultsOfChange(level, exempt, { spec: { exempt: { lendablePercent: 50 } } }), [])
  const all = { metadata: { name: 'catch-all' }, spec: mandatoryPriorityLevelSpecs['catch-all'] }
  assert.deepEqual(faultsOfChange(level, all, { spec: { limited: { nominalConcurrencyShares: 6 } } }), [
    'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":6,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
  ])
})

test('a condition has a type, once', () => {
  const [definition, object] = valid.level
  const conditions = [{ type: 'A' }, { type: 'A' }, {}]
  assert.deepEqual(faultsOfChange(definition, object, { status: { conditions } }, 'status'), [
    'status.conditions[1].type: Duplicate value: "A"',
    'status.conditions[2].type: Required value',
  ])
})
