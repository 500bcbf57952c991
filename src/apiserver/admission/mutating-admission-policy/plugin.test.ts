import { defaultFeatureGates } from '../../../api/features/feature-gates.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicies } from '../../../api/admissionregistration/v1/mutating-admission-policy.ts'
import { deployments } from '../../../api/apps/v1/deployment.ts'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import type { Deployment, Mutation, MutatingAdmissionPolicySpec } from '../../../api/types.generated.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { admissionChain } from '../admission-chain.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import { testAttributes } from '../test-attributes.ts'
import { createMutatingAdmissionPolicy } from './plugin.ts'

const rules = [
  { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
] as const
const jsonPatch = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const apply = (expression: string): Mutation => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
})

async function mutated(
  policies: readonly (readonly Mutation[] | Partial<MutatingAdmissionPolicySpec>)[],
  before: readonly AdmissionPlugin[] = [],
) {
  const lister = createMemoryLister()
  lister.put(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  const plugin = createMutatingAdmissionPolicy({
    lister,
    definitions: () => [],
    equivalents: () => [],
    enabled: defaultFeatureGates.enabled,
    authorizer: { authorize: () => ({ decision: 'noOpinion', reason: '' }) },
  })
  for (const [index, policy] of policies.entries()) {
    const given = Array.isArray(policy) ? { mutations: policy } : (policy as Partial<MutatingAdmissionPolicySpec>)
    const matchConstraints = { namespaceSelector: {}, objectSelector: {}, resourceRules: rules }
    const spec = { failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints, ...given }
    lister.put(mutatingAdmissionPolicies, { metadata: { name: `p${index}` }, spec } as never)
    const binding = { metadata: { name: 'b' + index }, spec: { policyName: `p${index}` } }
    lister.put(mutatingAdmissionPolicyBindings, binding as never)
  }
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels: { a: 'b' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'one', image: 'i' }] } },
    },
  }
  const attributes = testAttributes(deployments, { object })
  await admissionChain([...before, plugin]).mutate(attributes)
  return attributes.object as unknown as Deployment
}
const refused = (policy: readonly Mutation[] | Partial<MutatingAdmissionPolicySpec>) =>
  mutated([policy]).then(
    () => assert.fail('it was not refused'),
    (error: ApiError) => error.status,
  )

test('an ApplyConfiguration is merged into the object', async () => {
  const object = await mutated([
    [
      apply(`Object{
        metadata: Object.metadata{labels: {'c': object.metadata.labels.a}},
        spec: Object.spec{
          replicas: object.spec.replicas + 1,
          template: Object.spec.template{spec: Object.spec.template.spec{
            containers: [Object.spec.template.spec.containers{name: 'two', image: 'j'}]
          }}
        }
      }`),
      apply('Object{spec: Object.spec{replicas: object.spec.replicas * 10}}'),
    ],
  ])
  assert.deepEqual(object.metadata?.labels, { a: 'b', c: 'b' })
  assert.equal(object.spec?.replicas, 20)
  assert.deepEqual(
    object.spec?.template?.spec?.containers?.map(({ name }) => name),
    ['one', 'two'],
  )
})

test('a JSONPatch changes the object, unless its test does not hold', async () => {
  const object = await mutated([
    [
      jsonPatch(`[
        JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: 'z'},
        JSONPatch{op: 'replace', path: '/spec/replicas', value: 3}
      ]`),
      jsonPatch(`[
        JSONPatch{op: 'test', path: '/spec/replicas', value: 4},
        JSONPatch{op: 'remove', path: '/metadata/labels'}
      ]`),
    ],
  ])
  assert.deepEqual(object.metadata?.labels, { a: 'b', 'x/y': 'z' })
  assert.equal(object.spec?.replicas, 3)
})

test('what cannot be applied is refused, if the failure policy says so', async () => {
  const expression = 'Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {}}}}'
  const status = await refused([apply(expression)])
  const why =
    'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector'
  assert.deepEqual(
    [status.code, status.reason, status.message],
    [403, 'Invalid', `policy 'p0' with binding 'b0' denied request: ${why}`],
  )
  assert.deepEqual(status.details?.causes, [{ message: status.message }])
  await mutated([{ mutations: [apply(expression)], failurePolicy: 'Ignore' }])
  const wrong = await refused([apply('Object{spec: Object.wrong{}}')])
  assert.match(
    wrong.message ?? '',
    /request: type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type$/,
  )
  const unknown = await refused([apply('Object{spec: Object.spec{nothing: 1}}')])
  assert.match(
    unknown.message ?? '',
    /error applying patch: failed to convert patch object to typed object: \.spec\.nothing: field not declared in schema$/,
  )
  const patch = await refused([jsonPatch("[JSONPatch{op: 'remove', path: '/spec/nothing'}]")])
  assert.match(patch.message ?? '', /request: JSON Patch: error in remove for path: '\/spec\/nothing'/)
  const typo = await refused([jsonPatch("[JSONPatch{op: 'add', path: '/spec/nothing', value: 1}]")])
  assert.equal(typo.message, 'Internal error occurred: strict decoding error: unknown field "spec.nothing"')
  const text = await refused([apply('object.spec')])
  assert.match(text.message ?? '', /request: must evaluate to Object but got dyn$/)
})

test('policies that want it see what later ones did', async () => {
  const seen: unknown[] = []
  const watching: AdmissionPlugin = {
    name: 'watching',
    handles: () => true,
    mutate: ({ object }) => void seen.push((object as unknown as Deployment).spec?.replicas),
  }
  const object = await mutated(
    [
      {
        reinvocationPolicy: 'IfNeeded',
        mutations: [apply("Object{metadata: Object.metadata{labels: {'replicas': string(object.spec.replicas)}}}")],
      },
      [apply('Object{spec: Object.spec{replicas: 7}}')],
    ],
    [watching],
  )
  assert.equal(object.metadata?.labels?.['replicas'], '7')
  assert.deepEqual(seen, [1, 7])
})

test('conditions decide whether a policy applies', async () => {
  const object = await mutated([
    {
      matchConditions: [{ name: 'many', expression: 'object.spec.replicas > 5' }],
      mutations: [apply('Object{spec: Object.spec{replicas: 7}}')],
    },
  ])
  assert.equal(object.spec?.replicas, 1)
})
