import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim, Pod } from '../../api/types.generated.ts'
import { claimKeysOf, conditionsAfter, keepsClaim, refersToClaim } from './claim-use.ts'
import { finalizersAfter } from './protection.ts'

const claim = {
  metadata: { namespace: 'ns', name: 'data', ownerReferences: [] },
} as unknown as PersistentVolumeClaim
const owned = {
  metadata: {
    namespace: 'ns',
    name: 'web-scratch',
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'pod-uid', controller: true }],
  },
} as unknown as PersistentVolumeClaim
const pod = (volumes: object[], more: object = {}, metadata: object = {}) =>
  ({
    metadata: { namespace: 'ns', name: 'web', uid: 'pod-uid', ...metadata },
    spec: { nodeName: 'node1', volumes },
    ...more,
  }) as unknown as Pod
const named = { name: 'v', persistentVolumeClaim: { claimName: 'data' } }
const scratch = { name: 'scratch', ephemeral: {} }

test('a pod on a node keeps the claim it names', () => {
  assert.equal(keepsClaim(pod([named]), claim), true)
  assert.equal(keepsClaim(pod([named], { spec: { volumes: [named] } }), claim), false)
  assert.equal(keepsClaim(pod([{ name: 'v', emptyDir: {} }]), claim), false)
})

test('a pod that only finalizers keep lets go of its ephemeral claim, not of one it names', () => {
  const gone = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
  assert.equal(keepsClaim(pod([scratch]), owned), true)
  assert.equal(keepsClaim(pod([scratch], {}, gone), owned), false)
  assert.equal(keepsClaim(pod([named], {}, gone), claim), true)
})

test('an ephemeral claim of another pod is not used', () => {
  assert.equal(keepsClaim(pod([scratch], {}, { uid: 'another' }), owned), false)
})

test('a pod that ended does not count as a user', () => {
  assert.equal(refersToClaim(pod([named]), claim), true)
  assert.equal(refersToClaim(pod([named], { status: { phase: 'Succeeded' } }), claim), false)
  assert.deepEqual(claimKeysOf(pod([named, scratch])), ['ns/data', 'ns/web-scratch'])
})

test('Unused is told when it changes, and only then', () => {
  const time = '2026-01-01T00:00:00Z'
  const told = conditionsAfter(claim, false, time)
  assert.deepEqual(
    told?.map(({ type, status, reason }) => [type, status, reason]),
    [['Unused', 'True', 'NoPodsUsingPVC']],
  )
  const unused = { ...claim, status: { conditions: told } }
  assert.equal(conditionsAfter(unused, false, time), undefined)
  assert.equal(conditionsAfter(unused, true, time)?.[0]?.status, 'False')
})

test('a finalizer is set on what lives and removed from what nobody uses', () => {
  const finalizer = 'kubernetes.io/pvc-protection'
  const alive = { metadata: { finalizers: ['other'] } }
  const dying = { metadata: { deletionTimestamp: 'x', finalizers: ['other', finalizer] } }
  assert.deepEqual(finalizersAfter(alive as never, finalizer, false), ['other', finalizer])
  assert.deepEqual(finalizersAfter(dying as never, finalizer, false), ['other'])
  assert.equal(finalizersAfter(dying as never, finalizer, true), undefined)
  assert.equal(
    finalizersAfter({ metadata: { ...dying.metadata, finalizers: ['other'] } } as never, finalizer, false),
    undefined,
  )
})
