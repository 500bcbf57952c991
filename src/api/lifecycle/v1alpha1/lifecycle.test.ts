import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../../machinery/clock.ts'
import { faultsOf, faultsOfUpdate, type Loose } from '../../rules.fixture.ts'
import { defaultFeatureGates } from '../../features/feature-gates.ts'
import type { RuleContext } from '../../definition.ts'
import { evictionRequests } from './eviction-request.ts'
import { evictions } from './eviction.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const context: RuleContext = {
  now,
  requestUser: { name: 'ann', groups: [] } as never,
  subresource: 'status',
  enabled: defaultFeatureGates.enabled,
}
const pod = { name: 'web', uid: '11111111-1111-4111-8111-111111111111' }
const evictor = 'imperative-eviction.k8s.io/evictor'
const mover = 'example.com/mover'
const ago = (seconds: number) => formatTime(now - seconds * 1000)

const eviction = (status: Loose): Loose => ({
  apiVersion: 'lifecycle.k8s.io/v1alpha1',
  kind: 'Eviction',
  metadata: { name: 'e', namespace: 'd' },
  spec: { target: { pod } },
  status,
})
const targets = (first: string, second: string) => [
  { name: evictor, priority: 100, state: second },
  { name: mover, priority: 2000, state: first },
]
const faults = (old: Loose, status: Loose) =>
  faultsOfUpdate(evictions as never, eviction(old), eviction(status), context)
const begun = {
  targetResponders: targets('Active', 'Inactive'),
  responders: [{ name: mover, startTime: ago(1) }, { name: evictor }],
}

test('an eviction begins with its most important responder, now', () => {
  assert.deepEqual(faults({}, begun), [])
  assert.deepEqual(faults({}, { ...begun, targetResponders: targets('Inactive', 'Active') }), [
    'status.targetResponders[1].state: Invalid value: "Inactive": must be one of: Active, because this responder is next in line',
    'status.targetResponders[0].state: Invalid value: "Active": must be one of: Inactive, because the previously active has not finished processing',
    'status.responders[1].startTime: Required value: is required for an active responder',
  ])
  const late = { ...begun, responders: [{ name: mover, startTime: ago(60) }, { name: evictor }] }
  assert.deepEqual(faults({}, late), [
    `status.responders[0].startTime: Invalid value: "${ago(60)}": must be set to the present time`,
  ])
})

test('the next responder begins once the one before it is done, or was not heard of for long', () => {
  const next = {
    targetResponders: targets('Interrupted', 'Active'),
    responders: [begun.responders[0]!, { name: evictor, startTime: ago(0) }],
  }
  assert.match(faults(begun, next).join(), /must stay Active because the responder is in progress/)
  const old = { ...begun, responders: [{ name: mover, startTime: ago(3600) }, { name: evictor }] }
  assert.deepEqual(faults(old, { ...next, responders: [old.responders[0]!, next.responders[1]!] }), [])
})

test('what is over stays over', () => {
  const condition = (status: string) => [
    { type: 'TargetEvicted', status, reason: 'Gone', message: '', lastTransitionTime: ago(9) },
  ]
  const done = { conditions: condition('True') }
  assert.match(
    faults(done, { conditions: condition('False') }).join(),
    /TargetEvicted condition status cannot be reverted/,
  )
})

test('nobody of Kubernetes’ own asks for an eviction', () => {
  const request = (requester: string) => ({
    apiVersion: 'lifecycle.k8s.io/v1alpha1',
    kind: 'EvictionRequest',
    metadata: { name: 'r', namespace: 'd' },
    spec: { target: { pod }, requester, intent: 'Eviction' },
  })
  assert.deepEqual(faultsOf(evictionRequests as never, request('example.com/drainer')), [])
  assert.deepEqual(faultsOf(evictionRequests as never, request('x.k8s.io/drainer')), [
    'spec.requester: Invalid value: "x.k8s.io/drainer": domain names *.k8s.io, *.kubernetes.io are reserved',
  ])
})
