import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../../../../machinery/field-error.ts'
import { encodePem } from '../../../../machinery/x509/pem.ts'
import type { ClusterTrustBundle } from '../../../types.generated.ts'
import { bundleName, validateTrustBundle, validateTrustBundleUpdate } from './validation.ts'

const bundle = (trustBundle: string, signerName?: string, name = 'anchors') =>
  ({ metadata: { name }, spec: { trustBundle, signerName } }) as ClusterTrustBundle

test('a bundle of a signer is named after it', () => {
  assert.deepEqual(bundleName('test.test:signer-one:0', false, 'test.test/signer-one'), [])
  assert.deepEqual(bundleName('other', false, 'test.test/signer-one'), [
    'ClusterTrustBundle for signerName test.test/signer-one must be named with prefix test.test:signer-one:',
  ])
  assert.deepEqual(bundleName('a:b', false, ''), [
    'ClusterTrustBundle without signer name must not have ":" in its name',
  ])
})

test('what is no authority is refused, by its place', () => {
  const texts = (text: string) => validateTrustBundle(bundle(text)).map(errorText)
  const refused = (detail: string) => [`spec.trustBundle: Invalid value: "<value omitted>": ${detail}`]
  assert.deepEqual(texts('nothing'), refused('at least one trust anchor must be provided'))
  assert.deepEqual(
    texts(encodePem('PRIVATE KEY', Buffer.from('x'))),
    refused('entry 0 has bad block type: PRIVATE KEY'),
  )
  assert.deepEqual(texts(encodePem('CERTIFICATE', Buffer.from('x'))), refused('entry 0 does not parse as X.509'))
})

test('the signer stays, and an unchanged bundle is not read again', () => {
  const old = bundle('written long ago')
  assert.deepEqual(validateTrustBundleUpdate(old, old), [])
  const other = bundle('written long ago', 'a.b/c', 'a.b:c:anchors')
  assert.match(errorText(validateTrustBundleUpdate(other, old)[0]!), /^spec.signerName: Invalid value: .*immutable$/)
})
