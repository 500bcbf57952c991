import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, faultsOfChange, type Loose } from '../../rules.fixture.ts'
import { leaseCandidates } from './lease-candidate.ts'

const candidate = (spec: Loose): Loose => ({
  apiVersion: 'coordination.k8s.io/v1beta1',
  kind: 'LeaseCandidate',
  metadata: { name: 'c', namespace: 'd' },
  spec: {
    leaseName: 'l',
    binaryVersion: '1.37.1',
    emulationVersion: '1.36.0',
    strategy: 'OldestEmulationVersion',
    ...spec,
  },
})
const faults = (spec: Loose) => faultsOf(leaseCandidates as never, candidate(spec))

test('a candidate says for which lease it stands, and of which version it is', () => {
  assert.deepEqual(faults({}), [])
  assert.deepEqual(faults({ leaseName: '', binaryVersion: '', strategy: '' }), [
    'spec.leaseName: Required value',
    'spec.binaryVersion: Required value',
    'spec.strategy: Required value',
  ])
  assert.deepEqual(faults({ binaryVersion: '1.35.0' }), [
    'spec.binaryVersion: Invalid value: "1.35.0": must be greater than or equal to `emulationVersion`',
  ])
  assert.deepEqual(faults({ emulationVersion: 'new' }), [
    'spec.emulationVersion: Invalid value: "new": must be a valid semantic version',
    "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
  ])
})

test('its lease stays', () => {
  assert.deepEqual(faultsOfChange(leaseCandidates as never, candidate({}), { spec: { leaseName: 'other' } }), [
    'spec.leaseName: Invalid value: "other": field is immutable',
  ])
})
