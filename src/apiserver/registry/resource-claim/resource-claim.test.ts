import { defaultFeatureGates } from '../../../api/features/feature-gates.ts'
import assert from 'node:assert/strict'
import test from 'node:test'
import { errorText } from '../../../machinery/field-error.ts'
import type { AuthorizationAttributes, Authorizer } from '../../authorization/authorizer.ts'
import { claimHooks } from './claim-hooks.ts'

/** Allows what is asked in these words: `verb subresource name`. */
function authorizerOf(...allowed: readonly string[]): Authorizer & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    authorize: ({ verb, subresource, name, namespace }: AuthorizationAttributes) => {
      const words = `${verb} ${subresource} ${name} ${namespace}`.trim()
      asked.push(words)
      return { decision: allowed.includes(words) ? 'allow' : 'noOpinion', reason: '' }
    },
  }
}
const namespaces: Readonly<Record<string, object>> = {
  plain: { metadata: { name: 'plain' } },
  special: { metadata: { name: 'special', labels: { 'resource.kubernetes.io/admin-access': 'true' } } },
}
const user = { name: 'ann', groups: [] }
const driverAccount = {
  name: 'system:serviceaccount:drivers:d',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['node-1'] },
}

async function faults(
  object: object,
  old: object | undefined,
  options: { authorizer?: Authorizer; user?: typeof user; namespace?: string; subresource?: string },
): Promise<string[]> {
  const hooks = claimHooks({
    enabled: defaultFeatureGates.enabled,
    readNamespace: (name) => {
      const found = namespaces[name]
      return found ? Promise.resolve(found as never) : Promise.reject(new Error(`namespaces "${name}" not found`))
    },
    authorizer: options.authorizer ?? authorizerOf(),
  })
  const { namespace = 'plain', subresource = '' } = options
  const scope = { user: options.user ?? user, namespace, subresource, verb: 'update', dryRun: false, warn: () => {} }
  return (await hooks.faults!(object as never, old as never, scope)).map(errorText)
}

const adminClaim = { spec: { devices: { requests: [{ name: 'a' }, { name: 'b', exactly: { adminAccess: true } }] } } }

test('devices in use are shown to administrators, in namespaces that say so', async () => {
  assert.deepEqual(await faults(adminClaim, undefined, {}), [
    'spec.devices.requests[1].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
  ])
  assert.deepEqual(await faults(adminClaim, undefined, { namespace: 'special' }), [])
  assert.deepEqual(await faults(adminClaim, undefined, { namespace: 'gone' }), [
    'spec.devices.requests[1].adminAccess: Internal error: could not retrieve namespace to verify admin access: namespaces "gone" not found',
  ])
})

const result = { request: 'a', driver: 'd.example.com', pool: 'p', device: 'x' }
const nodeSelector = {
  nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }],
}
const allocated = { spec: {}, status: { allocation: { devices: { results: [result] }, nodeSelector } } }
const status = (more: object) => ({ spec: {}, status: { ...allocated.status, ...more } })

test('an allocation is written by those who may bind claims', async () => {
  const authorizer = authorizerOf('update binding')
  assert.deepEqual(await faults(allocated, { spec: {} }, { subresource: 'status', authorizer }), [])
  assert.deepEqual(await faults(allocated, { spec: {} }, { subresource: 'status' }), [
    'status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: ' +
      'resourceclaims.resource.k8s.io is forbidden: User "ann" cannot update resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
  ])
})

test('what is told of a device is told by those who may speak for its driver, on its node or anywhere', async () => {
  const told = status({ devices: [result] })
  const anywhere = authorizerOf('arbitrary-node:update driver d.example.com plain')
  assert.deepEqual(await faults(told, allocated, { subresource: 'status', authorizer: anywhere }), [])
  assert.deepEqual(anywhere.asked, ['arbitrary-node:update driver d.example.com plain'])
  const near = authorizerOf('associated-node:update driver d.example.com plain')
  assert.deepEqual(await faults(told, allocated, { subresource: 'status', authorizer: near, user: driverAccount }), [])
  assert.match(
    (await faults(told, allocated, { subresource: 'status' })).join(),
    /^status\.devices: Forbidden: changing status\.devices requires resource="resourceclaims\/driver", verb="\[arbitrary-node:update\]" permission: /,
  )
  assert.deepEqual(await faults(told, told, { subresource: 'status' }), [])
})
