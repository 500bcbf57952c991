import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOfUpdate, type Loose } from '../../rules.fixture.ts'
import { defaultFeatureGates } from '../../features/feature-gates.ts'
import { storageVersionName } from './validation.ts'
import { storageVersions } from './storage-version.ts'

const own = (id: string, encodingVersion: string): Loose => ({
  apiServerID: id,
  encodingVersion,
  decodableVersions: ['a/v1', 'a/v2'],
})
const object = (status: Loose): Loose => ({
  apiVersion: 'internal.apiserver.k8s.io/v1alpha1',
  kind: 'StorageVersion',
  metadata: { name: 'a.b' },
  spec: {},
  status,
})
const context = { now: 0, requestUser: {} as never, subresource: 'status', enabled: defaultFeatureGates.enabled }
const faults = (status: Loose) => faultsOfUpdate(storageVersions as never, object({}), object(status), context)

test('a storage version is called by group and resource', () => {
  assert.deepEqual(storageVersionName('apps.deployments'), [])
  assert.deepEqual(storageVersionName('pods'), ['name must be in the form of <group>.<resource>'])
})

test('the common version is that of all servers', () => {
  assert.deepEqual(faults({ storageVersions: [own('x', 'a/v1')], commonEncodingVersion: 'a/v1' }), [])
  assert.deepEqual(faults({ storageVersions: [own('x', 'a/v1')] }), [
    'status.commonEncodingVersion: Invalid value: null: the common encoding version is a/v1',
  ])
  assert.match(
    faults({ storageVersions: [own('x', 'a/v1'), own('y', 'a/v2')], commonEncodingVersion: 'a/v1' }).join(),
    /should be nil if servers do not agree/,
  )
})

test('a server reads what it writes, and is named once', () => {
  assert.deepEqual(faults({ storageVersions: [own('x', 'a/v3'), own('x', 'a/v3')], commonEncodingVersion: 'a/v3' }), [
    'status.storageVersions[0].decodableVersions: Invalid value: ["a/v1","a/v2"]: decodableVersions must include encodingVersion a/v3',
    'status.storageVersions[1].apiServerID: Duplicate value: "x"',
    'status.storageVersions[1].decodableVersions: Invalid value: ["a/v1","a/v2"]: decodableVersions must include encodingVersion a/v3',
  ])
})
