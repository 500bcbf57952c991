import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validatingAdmissionPolicies } from '../../api/admissionregistration/v1/validating-admission-policy.ts'
import { deployments } from '../../api/apps/v1/deployment.ts'
import type { ValidatingAdmissionPolicySpec } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { validatingAdmissionPolicyStatusController } from './controller.ts'
import { schemaIn } from './published-schema.ts'

const things = { group: 'ex.com', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
const rule = (apiGroup: string, ...resources: string[]) => ({
  matchConstraints: {
    resourceRules: [{ apiGroups: [apiGroup], apiVersions: ['v1'], operations: ['CREATE'], resources }],
  },
})
const policy = (spec: object, observedGeneration?: number) =>
  ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p', generation: 2 },
    spec: spec as ValidatingAdmissionPolicySpec,
    ...(observedGeneration && { status: { observedGeneration } }),
  }) as KubeObject

/** The status that a policy gets. */
async function statusOf(spec: object, observedGeneration?: number) {
  const harness = startHarness({
    controllers: [validatingAdmissionPolicyStatusController],
    prepare(client) {
      serveDiscovery(client, deployments, things)
      client.serve('/openapi/v3/apis/ex.com/v1', {
        components: {
          schemas: {
            'com.ex.v1.Thing': {
              type: 'object',
              'x-kubernetes-group-version-kind': [{ group: 'ex.com', version: 'v1', kind: 'Thing' }],
              properties: { spec: { allOf: [{ $ref: '#/components/schemas/Spec' }] } },
            },
            Spec: {
              type: 'object',
              properties: { size: { type: 'integer' }, inner: { $ref: '#/components/schemas/Spec' } },
            },
          },
        },
      })
    },
  })
  harness.client.seed(validatingAdmissionPolicies, policy(spec, observedGeneration))
  await harness.settle()
  const { status } = harness.client.objects(validatingAdmissionPolicies)[0]!
  await harness.stop()
  return status
}

test('a policy whose expressions fit the types they are about has nothing to be warned of', async () => {
  const status = await statusOf({
    ...rule('apps', 'deployments'),
    validations: [
      { expression: 'object.spec.replicas > 1', messageExpression: "'not ' + string(object.spec.replicas)" },
    ],
  })
  assert.deepEqual(status, { observedGeneration: 2, typeChecking: {} })
})

test('what does not fit is told in the words of the compiler, for each expression', async () => {
  const status = await statusOf({
    ...rule('apps', 'deployments'),
    variables: [{ name: 'count', expression: 'object.spec.replicas' }],
    validations: [{ expression: 'object.spec.foo > 1', messageExpression: "'x' + variables.count" }],
  })
  assert.deepEqual(status?.typeChecking?.expressionWarnings, [
    {
      fieldRef: 'spec.validations[0].expression',
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'foo'\n | object.spec.foo > 1\n | ...........^\n",
    },
    {
      fieldRef: 'spec.validations[0].messageExpression',
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n | 'x' + variables.count\n | ....^\n",
    },
  ])
})

test('custom resources and parameters have their types as well', async () => {
  const status = await statusOf({
    ...rule('ex.com', 'things'),
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    validations: [{ expression: "object.spec.inner.size == 'x'" }, { expression: "params.data['a'] == 1" }],
  })
  assert.deepEqual(
    status?.typeChecking?.expressionWarnings?.map(({ fieldRef, warning }) => [fieldRef, warning.split('\n')[0]]),
    [
      ['spec.validations[0].expression', "ex.com/v1, Kind=Thing: ERROR: <input>:1:18: undefined field 'size'"],
      [
        'spec.validations[1].expression',
        "ex.com/v1, Kind=Thing: ERROR: <input>:1:18: found no matching overload for '_==_' applied to '(string, int)'",
      ],
    ],
  )
})

test('rules with wildcards and unknown resources name no types; what was checked is not checked again', async () => {
  const validations = [{ expression: 'object.foo == 1' }]
  const unchecked = { observedGeneration: 2, typeChecking: {} }
  for (const rules of [rule('*', 'deployments'), rule('apps', 'deployments/scale'), rule('apps', 'gizmos')])
    assert.deepEqual(await statusOf({ ...rules, validations }), unchecked)
  assert.deepEqual(await statusOf({ ...rule('apps', 'deployments'), validations }, 2), { observedGeneration: 2 })
})

test('what a definition refers to is put in its place, but not within itself', () => {
  const definitions = {
    A: {
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'A' }],
      properties: { b: { $ref: '#/components/schemas/B' } },
    },
    B: { type: 'object', additionalProperties: { $ref: '#/components/schemas/A' }, items: { type: 'string' } },
  }
  assert.deepEqual(schemaIn(definitions, { group: '', version: 'v1', kind: 'A' })?.properties, {
    b: { type: 'object', additionalProperties: { type: 'object' }, items: { type: 'string' } },
  })
  assert.equal(schemaIn(definitions, { group: '', version: 'v2', kind: 'A' }), undefined)
})
