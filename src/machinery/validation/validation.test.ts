import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../field-error.ts'
import { deepFreeze } from '../json.ts'
import type { ObjectMeta } from '../meta/object.ts'
import { dns1035Label, dns1123Label, dns1123Subdomain, wildcardDns1123Subdomain } from './dns-names.ts'
import { cidrContains, formatCidr, formatIp, parseCidr, parseIp } from './ip-address.ts'
import { canonicalCidr, canonicalIp, cidrWarnings, ipWarnings, legacyCidr, legacyIp } from './ip-fields.ts'
import { labelKey, labelValue } from './label-names.ts'
import { nameChecks } from './object-name.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateDeleteOptions, validatePatchOptions } from './request-options.ts'
import { configMapKey, envVarName, pathSegment, portName, relaxedEnvVarName } from './value-formats.ts'

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

test("DNS names are checked in upstream's words", () => {
  for (const good of ['a', '0', 'a-b', 'a'.repeat(63)]) assert.deepEqual(dns1123Label(good), [], good)
  assert.deepEqual(dns1123Label('A'), [labelText])
  assert.deepEqual(dns1123Label(''), [labelText])
  assert.deepEqual(dns1123Label('a.b'), ['must not contain dots'])
  assert.deepEqual(dns1123Label('a'.repeat(64)), ['must be no more than 63 characters'])
  for (const good of ['a', 'a.b', '1.2', `${'a'.repeat(63)}.b`, 'a'.repeat(253)])
    assert.deepEqual(dns1123Subdomain(good), [], good)
  for (const bad of ['a..b', '.a', 'a.', 'a_b', '-a', 'a b', 'a\n'])
    assert.deepEqual(dns1123Subdomain(bad), [subdomainText], bad)
  assert.deepEqual(dns1035Label('1a'), [
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ])
  assert.deepEqual(wildcardDns1123Subdomain('*.a.b'), [])
  assert.equal(wildcardDns1123Subdomain('a.b').length, 1)
})

test('a long bad name is refused in linear time', () => {
  // In quadratic time these are 10 ** 13 steps, and the test would not end.
  assert.equal(dns1123Subdomain(`${'a-'.repeat(1_500_000)}!`).length, 2)
})

test("label keys and values are checked in upstream's words", () => {
  for (const good of ['a', 'A_b.c-d', 'example.com/A', '1/2']) assert.deepEqual(labelKey(good), [], good)
  assert.deepEqual(labelKey('/a'), ['prefix part must be non-empty'])
  assert.deepEqual(labelKey('A/a'), [`prefix part ${subdomainText}`])
  assert.deepEqual(labelKey(`${'a'.repeat(254)}/a`), ['prefix part must be no more than 253 bytes'])
  assert.deepEqual(labelKey('a'.repeat(64)), ['name part must be no more than 63 bytes'])
  assert.deepEqual(labelKey('')[0], 'name part must be non-empty')
  assert.equal(labelKey('').length, 2)
  assert.deepEqual(labelValue(''), [])
  assert.deepEqual(labelValue('a'.repeat(64)), ['must be no more than 63 bytes'])
})

test("values of other formats are checked in upstream's words", () => {
  assert.deepEqual(portName('http'), [])
  assert.deepEqual(portName('-'), ['must contain at least one letter (a-z)', 'must not begin or end with a hyphen'])
  assert.deepEqual(portName('a--b'), ['must not contain consecutive hyphens'])
  assert.deepEqual(pathSegment('a/b%c'), ["may not contain '/'", "may not contain '%'"])
  assert.deepEqual(pathSegment('..'), ["may not be '..'"])
  assert.deepEqual(configMapKey('..a'), ["must not start with '..'"])
  assert.equal(envVarName('1a').length, 1)
  assert.deepEqual(relaxedEnvVarName('1 a'), [])
  assert.deepEqual(relaxedEnvVarName('a=b'), [
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ])
  assert.deepEqual(nameChecks.dns1123Label('abc-', true), [])
  assert.equal(nameChecks.dns1123Label('abc-', false).length, 1)
})

test('IP addresses are read and printed as Go does', () => {
  const table: [string, string | undefined][] = [
    ['10.1.2.3', '10.1.2.3'],
    ['010.001.2.3', '10.1.2.3'],
    ['256.1.1.1', undefined],
    ['1.2.3', undefined],
    ['::', '::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['fe80::1%eth0', undefined],
    ['', undefined],
  ]
  for (const [text, printed] of table) {
    const address = parseIp(text)
    assert.equal(address && formatIp(address), printed, text)
  }
  assert.equal(formatCidr(parseCidr('10.1.2.3/8')!), '10.0.0.0/8')
  assert.equal(parseCidr('10.0.0.0/33'), undefined)
  assert.equal(cidrContains(parseCidr('10.1.0.0/16')!, parseIp('10.1.9.9')!), true)
  assert.equal(cidrContains(parseCidr('10.1.0.0/16')!, parseIp('10.2.0.1')!), false)
  assert.equal(cidrContains(parseCidr('::/0')!, parseIp('10.2.0.1')!), false)
})

test('fields with IPs and CIDRs are checked strictly, old values are kept', () => {
  const text = (errors: readonly Parameters<typeof errorText>[0][]) => errors.map(errorText)
  assert.deepEqual(text(legacyIp('ip', 'x')), [
    'ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ])
  assert.deepEqual(text(legacyIp('ip', '010.1.1.1')), ['ip: Invalid value: "010.1.1.1": must not have leading 0s'])
  assert.deepEqual(text(legacyIp('ip', '010.1.1.1', ['010.1.1.1'])), [])
  assert.deepEqual(text(legacyIp('ip', '::ffff:1.2.3.4')), [
    'ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  ])
  assert.deepEqual(text(legacyIp('ip', 'FE80::1')), [])
  assert.deepEqual(text(canonicalIp('ip', 'FE80::1')), [
    'ip: Invalid value: "FE80::1": must be in canonical form ("fe80::1")',
  ])
  assert.deepEqual(text(legacyCidr('c', '10.1.1.1/8')), [
    'c: Invalid value: "10.1.1.1/8": must not have bits set beyond the prefix length',
  ])
  assert.deepEqual(text(canonicalCidr('c', '10.0.0.0/8')), [])
  assert.deepEqual(ipWarnings('ip', 'FE80::1'), [
    'ip: IPv6 address "FE80::1" should be in RFC 5952 canonical format ("fe80::1")',
  ])
  assert.deepEqual(cidrWarnings('c', '10.1.1.1/8'), [
    'c: CIDR value "10.1.1.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.1.1/32"?)',
  ])
})

const rules = { namespaced: true, nameCheck: nameChecks.dns1123Subdomain }
const created = (meta: ObjectMeta) => validateObjectMeta(deepFreeze(meta), rules).map(errorText)

test('metadata is checked on creation', () => {
  assert.deepEqual(created({ name: 'a', namespace: 'b' }), [])
  assert.deepEqual(created({}), [
    'metadata.name: Required value: name or generateName is required',
    'metadata.namespace: Required value',
  ])
  assert.deepEqual(created({ name: 'A', namespace: 'b' }), [`metadata.name: Invalid value: "A": ${subdomainText}`])
  assert.deepEqual(
    created({ name: 'a', namespace: 'b', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] }),
    [
      'metadata.ownerReferences[0].apiVersion: Required value: must not be empty',
      'metadata.ownerReferences[0].kind: Required value: must not be empty',
      'metadata.ownerReferences[0].name: Required value: must not be empty',
      'metadata.ownerReferences[0].uid: Required value: must not be empty',
    ],
  )
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true }
  const two = created({ name: 'a', namespace: 'b', ownerReferences: [owner, owner] })
  assert.match(
    two[0]!,
    /Only one reference can have Controller set to true. Found "true" in references for ReplicaSet\/r and ReplicaSet\/r$/,
  )
  assert.deepEqual(created({ name: 'a', namespace: 'b', annotations: { x: 'y'.repeat(256 * 1024) } }), [
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ])
  assert.deepEqual(created({ name: 'a', namespace: 'b', finalizers: ['orphan', 'foregroundDeletion'] }), [
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  ])
  assert.deepEqual(validateObjectMeta({ name: 'a', namespace: 'b' }, { ...rules, namespaced: false }).map(errorText), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ])
})

test('metadata that an update may not change is named', () => {
  const old: ObjectMeta = {
    name: 'a',
    namespace: 'n',
    uid: 'u',
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
  }
  const updated = (meta: ObjectMeta, before = old) => validateObjectMetaUpdate(meta, before).map(errorText)
  assert.deepEqual(updated(old), [])
  assert.deepEqual(updated({ ...old, uid: 'v', resourceVersion: '' }), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    'metadata.uid: Invalid value: "v": field is immutable',
  ])
  assert.deepEqual(updated({ ...old, generation: 1 }), [
    'metadata.generation: Invalid value: 1: must not be decremented',
  ])
  const deleted = { ...old, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] }
  assert.deepEqual(updated({ ...deleted, finalizers: ['a/b', 'c/d'] }, deleted), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
  ])
})

test('options of requests are checked', () => {
  assert.deepEqual(validatePatchOptions({}, true).map(errorText), [
    'fieldManager: Required value: is required for apply patch',
  ])
  assert.deepEqual(validatePatchOptions({ force: true, fieldManager: 'a\u0007' }, false).map(errorText), [
    'force: Forbidden: may not be specified for non-apply patch',
    'fieldManager: Invalid value: "a\\a": invalid character U+0007 (at position 1)',
  ])
  assert.deepEqual(validateDeleteOptions({ propagationPolicy: 'Foo', dryRun: ['x'] }).map(errorText), [
    'propagationPolicy: Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"',
    'dryRun: Unsupported value: ["x"]: supported values: "All"',
  ])
})
