import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf as faultsOfObject } from '../../rules.fixture.ts'
import { apiServices } from './api-service.ts'

const faultsOf = (name: string, spec: object) => faultsOfObject(apiServices, { metadata: { name }, spec })
const good = { group: 'a.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 }

test('an APIService is named after its version and group, and says within bounds where it stands', () => {
  assert.deepEqual(faultsOf('v1.a.example.com', good), [])
  assert.deepEqual(faultsOf('v1.', { ...good, group: undefined }), [])
  assert.deepEqual(faultsOf('v2.', { ...good, group: undefined, version: 'v2' }), [
    'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
  ])
  assert.deepEqual(faultsOf('x', { ...good, groupPriorityMinimum: 20_001, versionPriority: 0 }), [
    'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.a.example.com"',
    'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
    'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
  ])
})

test('only one behind a service has anything to do with TLS', () => {
  assert.deepEqual(faultsOf('v1.a.example.com', { ...good, caBundle: 'aGk=', insecureSkipTLSVerify: true }), [
    'spec.caBundle: Invalid value: "2 bytes": local APIServices may not have a caBundle',
    'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
  ])
  const behind = { ...good, insecureSkipTLSVerify: true, caBundle: 'aGk=', service: { port: 0 } }
  assert.deepEqual(faultsOf('v1.a.example.com', behind), [
    'spec.service.namespace: Required value',
    'spec.service.name: Required value',
    'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
    'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
  ])
})
