import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/v1/validating-admission-policy.ts'
import { deployments } from '../../../api/apps/v1/deployment.ts'
import { configMaps } from '../../../api/core/v1/config-map.ts'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import type { ResourceDefinition } from '../../../api/definition.ts'
import type {
  ValidatingAdmissionPolicySpec,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../../api/types.generated.ts'
import { ApiError, type Status } from '../../../machinery/errors.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { testAttributes, type TestRequest } from '../test-attributes.ts'
import { createValidatingAdmissionPolicy } from './plugin.ts'

const everything = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const
const ofDeployments = {
  ...everything,
  resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
} as const

function judging(
  spec: Partial<ValidatingAdmissionPolicySpec>,
  binding: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
) {
  const lister = createMemoryLister()
  const definitions = [configMaps, deployments] as unknown as ResourceDefinition[]
  lister.put(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'default', labels: { stage: 'test' } },
  })
  const annotations: Record<string, string> = {}
  const asked: unknown[] = []
  const plugin = createValidatingAdmissionPolicy({
    lister,
    definitions: () => definitions,
    equivalents: () => [],
    authorizer: {
      authorize: async (attributes) => {
        asked.push(attributes)
        return { decision: attributes.verb === 'deploy' ? 'allow' : 'noOpinion', reason: 'so be it' }
      },
    },
  })
  lister.put(validatingAdmissionPolicies, {
    metadata: { name: 'p' },
    spec: { failurePolicy: 'Fail', matchConstraints: ofDeployments, ...spec },
  } as never)
  lister.put(validatingAdmissionPolicyBindings, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'], ...binding },
  } as never)
  return {
    lister,
    annotations,
    asked,
    /** The refusal; undefined: admitted. */
    async judge(replicas: number, request: Partial<TestRequest> = {}) {
      const attributes = {
        ...testAttributes(deployments, {
          object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas } },
          ...request,
        }),
        annotate: (key: string, value: string) => void (annotations[key] = value),
      }
      let status: Status | undefined
      try {
        await plugin.validate!(attributes)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        status = error.status
      }
      return { status, warnings: attributes.warnings }
    },
  }
}

test('a request that a policy does not allow is refused in its words', async () => {
  const { judge } = judging({
    validations: [
      { expression: 'object.spec.replicas > 1', messageExpression: "'wants 2, got ' + string(object.spec.replicas)" },
      { expression: 'object.spec.replicas < 10', reason: 'Forbidden', message: 'too many' },
    ],
  })
  assert.equal((await judge(2)).status, undefined)
  const one = (await judge(1)).status
  const text = `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: wants 2, got 1`
  assert.deepEqual(
    [one?.code, one?.reason, one?.message],
    [422, 'Invalid', `deployments.apps "d" is forbidden: ${text}`],
  )
  assert.deepEqual(one?.details, { name: 'd', group: 'apps', kind: 'deployments', causes: [{ message: text }] })
  const many = (await judge(10)).status
  assert.deepEqual([many?.code, many?.reason], [403, 'Forbidden'])
  assert.match(many?.message ?? '', /denied request: too many$/)
})

test('bindings decide what becomes of a failure', async () => {
  const { judge, annotations } = judging(
    { validations: [{ expression: ' object.spec.replicas > 1 ' }] },
    { validationActions: ['Warn', 'Audit'] },
  )
  const { status, warnings } = await judge(1)
  assert.equal(status, undefined)
  assert.deepEqual(warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: object.spec.replicas > 1",
  ])
  assert.deepEqual(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure']!), [
    {
      message: 'failed expression: object.spec.replicas > 1',
      policy: 'p',
      binding: 'b',
      expressionIndex: 0,
      validationActions: ['Warn', 'Audit'],
    },
  ])
})

test('errors are for the failure policy', async () => {
  const spec = { validations: [{ expression: 'object.spec.nothing > 1' }] }
  assert.equal((await judging({ ...spec, failurePolicy: 'Ignore' }).judge(1)).status, undefined)
  assert.equal(
    (await judging(spec).judge(1)).status?.message,
    `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression 'object.spec.nothing > 1' resulted in error: no such key: nothing`,
  )
})

test('variables, match conditions, the namespace and audit annotations', async () => {
  const { judge, annotations } = judging({
    variables: [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'odd', expression: 'variables.replicas % 2 == 1' },
    ],
    matchConditions: [{ name: 'not-system', expression: "request.userInfo.username != 'system'" }],
    validations: [{ expression: "!variables.odd || namespaceObject.metadata.labels.stage == 'prod'" }],
    auditAnnotations: [{ key: 'replicas', valueExpression: "'has ' + string(variables.replicas)" }],
  })
  assert.match((await judge(3)).status?.message ?? '', /failed expression/)
  assert.equal((await judge(4)).status, undefined)
  assert.equal(annotations['p/replicas'], 'has 4')
  assert.equal((await judge(3, { user: { name: 'system', groups: [] } })).status, undefined)
})

test('params are found by name or by labels', async () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
  const validations = [{ expression: 'object.spec.replicas <= int(params.data.most)' }]
  const byName = judging({ paramKind, validations }, { paramRef: { name: 'most', parameterNotFoundAction: 'Deny' } })
  assert.match(
    (await byName.judge(5)).status?.message ?? '',
    /denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
  )
  byName.lister.put(configMaps, { metadata: { name: 'most', namespace: 'default' }, data: { most: '5' } } as never)
  assert.equal((await byName.judge(5)).status, undefined)
  assert.notEqual((await byName.judge(6)).status, undefined)

  const bySelector = judging(
    { paramKind, validations },
    { paramRef: { selector: { matchLabels: { a: 'b' } }, parameterNotFoundAction: 'Allow' } },
  )
  assert.equal((await bySelector.judge(6)).status, undefined)
  const metadata = { name: 'x', namespace: 'default', labels: { a: 'b' } }
  bySelector.lister.put(configMaps, { metadata, data: { most: '5' } } as never)
  assert.notEqual((await bySelector.judge(6)).status, undefined)

  const unknown = judging({ paramKind: { apiVersion: 'a.io/v1', kind: 'Nope' }, validations })
  assert.match(
    (await unknown.judge(1)).status?.message ?? '',
    /Policy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'a.io\/v1, Kind=Nope'$/,
  )
})

test('expressions may ask what the user is allowed, and wait for the answer', async () => {
  const { judge, asked } = judging({
    validations: [
      { expression: "authorizer.requestResource.check('deploy').allowed()" },
      { expression: "!authorizer.group('x').resource('y').check('deny').allowed()" },
      { expression: "authorizer.requestResource.check('deploy').reason() == 'so be it'" },
    ],
  })
  assert.equal((await judge(1)).status, undefined)
  assert.equal(asked.length, 2)
})

test('policies judge neither policies nor what their rules leave out', async () => {
  const { judge } = judging({
    matchConstraints: {
      ...ofDeployments,
      excludeResourceRules: [{ ...ofDeployments.resourceRules[0]!, resourceNames: ['d'] }],
    },
    validations: [{ expression: 'false' }],
  })
  assert.equal((await judge(1)).status, undefined)
  assert.notEqual((await judge(1, { name: 'e' })).status, undefined)
})
