import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../definition.ts'
import { faultsOf, faultsOfChange, merged, warningsOf, type Loose } from '../rules.fixture.ts'
import { mutatingAdmissionPolicies } from './v1/mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindings } from './v1/mutating-admission-policy-binding.ts'
import { mutatingWebhookConfigurations } from './v1/mutating-webhook-configuration.ts'
import { validatingAdmissionPolicies } from './v1/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from './v1/validating-admission-policy-binding.ts'
import { validatingWebhookConfigurations } from './v1/validating-webhook-configuration.ts'

const metadata = { name: 'x' }
const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments', 'a/b'] }
const webhook = {
  name: 'a.b.c',
  clientConfig: { url: 'https://a.b/c' },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  matchConditions: [{ name: 'a', expression: 'request.operation == "CREATE"' }],
}
const match = { resourceRules: [rule] }
const valid = {
  validating: [validatingWebhookConfigurations as never, { metadata, webhooks: [webhook] }],
  mutating: [mutatingWebhookConfigurations as never, { metadata, webhooks: [webhook] }],
  policy: [
    validatingAdmissionPolicies as never,
    {
      metadata,
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConstraints: match,
        variables: [{ name: 'n', expression: 'object.spec.replicas' }],
        validations: [{ expression: 'variables.n <= 5', messageExpression: '"at most " + string(variables.n)' }],
        auditAnnotations: [{ key: 'k', valueExpression: '"v"' }],
      },
    },
  ],
  mutations: [
    mutatingAdmissionPolicies as never,
    {
      metadata,
      spec: {
        matchConstraints: match,
        reinvocationPolicy: 'Never',
        mutations: [
          { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/a", value: 1}]' } },
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{}}' } },
        ],
      },
    },
  ],
  binding: [
    validatingAdmissionPolicyBindings as never,
    {
      metadata,
      spec: {
        policyName: 'p',
        paramRef: { name: 'n', parameterNotFoundAction: 'Deny' },
        matchResources: match,
        validationActions: ['Deny', 'Audit'],
      },
    },
  ],
  mutatingBinding: [
    mutatingAdmissionPolicyBindings as never,
    { metadata, spec: { policyName: 'p', matchResources: match } },
  ],
} satisfies Record<string, [ResourceDefinition, Loose]>
type Kind = keyof typeof valid

test('what is right is taken', () => {
  for (const [kind, [definition, object]] of Object.entries(valid)) {
    assert.deepEqual([kind, ...faultsOf(definition, object)], [kind])
  }
})

const hook = (change: Loose): Loose => ({ webhooks: [merged(webhook, change)] })
const ruled = (change: Loose): Loose => hook({ rules: [merged(rule, change)] })
const url = (text: string): Loose => hook({ clientConfig: { url: text } })
const at = 'webhooks[0]'
const form = '; desired format: https://host[/path]'
const cases: readonly [kind: Kind, change: Loose, ...faults: string[]][] = [
  [
    'validating',
    hook({ name: 'a.b' }),
    `${at}.name: Invalid value: "a.b": should be a domain with at least three segments separated by dots`,
  ],
  [
    'validating',
    ruled({ operations: ['*', 'MOVE'], apiGroups: undefined, apiVersions: [''] }),
    `${at}.rules[0].operations: Invalid value: ["*","MOVE"]: if '*' is present, must not specify other operations`,
    `${at}.rules[0].operations[1]: Unsupported value: "MOVE": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
    `${at}.rules[0].apiGroups: Required value`,
    `${at}.rules[0].apiVersions[0]: Required value`,
  ],
  [
    'validating',
    ruled({ resources: ['*/*', 'a/*', 'a/b', '*', 'c'] }),
    `${at}.rules[0].resources[1]: Invalid value: "a/*": if '*/*' is present, must not specify a/*`,
    `${at}.rules[0].resources[2]: Invalid value: "a/b": if 'a/*' is present, must not specify a/b`,
    `${at}.rules[0].resources: Invalid value: ["*/*","a/*","a/b","*","c"]: if '*/*' is present, must not specify other resources`,
    `${at}.rules[0].resources: Invalid value: ["*/*","a/*","a/b","*","c"]: if '*' is present, must not specify other resources without subresources`,
  ],
  [
    'validating',
    ruled({ scope: 'A' }),
    `${at}.rules[0].scope: Unsupported value: "A": supported values: "*", "Cluster", "Namespaced"`,
  ],
  [
    'validating',
    hook({ sideEffects: undefined }),
    `${at}.sideEffects: Required value: must specify one of None, NoneOnDryRun`,
  ],
  [
    'validating',
    hook({ sideEffects: 'Some' }),
    `${at}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`,
  ],
  [
    'validating',
    hook({ timeoutSeconds: 31 }),
    `${at}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`,
  ],
  [
    'mutating',
    hook({ reinvocationPolicy: 'A' }),
    `${at}.reinvocationPolicy: Unsupported value: "A": supported values: "IfNeeded", "Never"`,
  ],
  [
    'validating',
    hook({ clientConfig: undefined }),
    `${at}.clientConfig: Required value: exactly one of url or service is required`,
  ],
  [
    'validating',
    url('http://u@/a?b#c'),
    `${at}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme${form}`,
    `${at}.clientConfig.url: Invalid value: "": host must be specified${form}`,
    `${at}.clientConfig.url: Invalid value: "u": user information is not permitted in the URL`,
    `${at}.clientConfig.url: Invalid value: "c": fragments are not permitted in the URL`,
    `${at}.clientConfig.url: Invalid value: "b": query parameters are not permitted in the URL`,
  ],
  [
    'validating',
    hook({ clientConfig: { url: undefined, service: { name: 's', path: 'a//b', port: 0 } } }),
    `${at}.clientConfig.service.name: Required value`,
    `${at}.clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`,
    `${at}.clientConfig.service.path: Invalid value: "a//b": must start with a '/'`,
    `${at}.clientConfig.service.path: Invalid value: "a//b": segment[0] may not be empty`,
    `${at}.clientConfig.service.path: Invalid value: "a//b": segment[1] may not be empty`,
  ],
  [
    'validating',
    hook({ admissionReviewVersions: ['v2', 'v2'] }),
    `${at}.admissionReviewVersions[1]: Invalid value: "v2": duplicate version`,
    `${at}.admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1`,
  ],
  [
    'validating',
    hook({ admissionReviewVersions: [] }),
    `${at}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`,
  ],
  [
    'validating',
    hook({
      matchConditions: [
        { name: '', expression: 'params.a' },
        { name: 'a', expression: '1' },
      ],
    }),
    `${at}.matchConditions[0].expression: Invalid value: "params.a": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.a\n | ^`,
    `${at}.matchConditions[0].name: Required value`,
    `${at}.matchConditions[1].expression: Invalid value: "1": must evaluate to bool but got int`,
  ],
  ['validating', { webhooks: [webhook, webhook] }, 'webhooks[1].name: Duplicate value: "a.b.c"'],
  [
    'validating',
    { metadata: { name: 'a.static.k8s.io' } },
    'metadata.name: Invalid value: "a.static.k8s.io": names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
  ],
  ['policy', { spec: { matchConstraints: undefined } }, 'spec.matchConstraints: Required value'],
  [
    'policy',
    { spec: { matchConstraints: { resourceRules: [] } } },
    'spec.matchConstraints.resourceRules: Required value',
  ],
  [
    'policy',
    { spec: { paramKind: { apiVersion: 'a/b/c', kind: 'a b' } } },
    'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    `spec.paramKind.kind: Invalid value: "a b": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
  ],
  [
    'policy',
    { spec: { validations: undefined, auditAnnotations: undefined } },
    'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
  ],
  [
    'policy',
    {
      spec: {
        variables: [{ name: 'for', expression: ' ' }],
        validations: [{ expression: 'true', message: 'a\nb', reason: 'Conflict' }],
      },
    },
    'spec.variables[0].name: Invalid value: "for": must be a valid CEL identifier',
    'spec.variables[0].expression: Required value: expression is not specified',
    'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
    'spec.validations[0].reason: Unsupported value: "Conflict": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  ],
  [
    'policy',
    {
      spec: {
        auditAnnotations: [
          { key: 'k', valueExpression: '1' },
          { key: 'k', valueExpression: '' },
        ],
      },
    },
    'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
    'spec.auditAnnotations[1].key: Duplicate value: "k"',
  ],
  [
    'mutations',
    { spec: { reinvocationPolicy: undefined, mutations: [] } },
    'spec.mutations: Required value: mutations must contain at least one item',
    'spec.reinvocationPolicy: Required value',
  ],
  [
    'mutations',
    { spec: { matchConstraints: { resourceRules: [merged(rule, { operations: ['DELETE'] })] } } },
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ],
  [
    'mutations',
    { spec: { mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'a' } }, { patchType: 'A' }] } },
    'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    'spec.mutations[1].patchType: Unsupported value: "A": supported values: "ApplyConfiguration", "JSONPatch"',
  ],
  [
    'binding',
    { spec: { policyName: '', validationActions: ['Deny', 'Warn', 'Deny', 'Shout'] } },
    'spec.validationActions[2]: Duplicate value: "Deny"',
    'spec.validationActions[3]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"',
    'spec.validationActions: Invalid value: ["Deny","Warn","Deny","Shout"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    'spec.policyName: Required value',
  ],
  [
    'binding',
    { spec: { paramRef: { selector: {}, parameterNotFoundAction: '' } } },
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Required value',
  ],
  ['mutatingBinding', { spec: { policyName: undefined } }, 'spec.policyName: Required value'],
]

test('what is wrong is told as upstream tells it', () => {
  for (const [kind, change, ...faults] of cases) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOf(definition, merged(object, change)), faults)
  }
})

test('what an old configuration lacks need not be there now', () => {
  const [definition, object] = valid.validating
  const old = merged(object, { webhooks: [merged(webhook, { sideEffects: 'Some', admissionReviewVersions: ['v9'] })] })
  assert.deepEqual(faultsOfChange(definition, old, { metadata: { labels: { a: 'b' } } }), [])
})

test('a rule that names what webhooks never see is warned about', () => {
  const [definition, object] = valid.validating
  const rules = [merged(rule, { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] })]
  assert.deepEqual(warningsOf(definition, merged(object, hook({ rules }))), [
    'webhooks[0].rules[0]: tokenreviews.authentication.k8s.io is excluded from admission webhooks; this rule will have no effect',
  ])
})
