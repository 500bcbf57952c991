import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secrets } from '../../api/core/v1/secret.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { serviceAccountTokenController } from './controller.ts'

const account = (more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'default' },
    ...more,
  }) as KubeObject
const secret = (of: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: 'token', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': of } },
  }) as unknown as KubeObject
const start = () =>
  startHarness({
    controllers: [serviceAccountTokenController],
    options: { rootCa: 'CA', issueLegacyToken: ({ metadata }, name) => Promise.resolve(`${metadata.name} by ${name}`) },
  })
const text = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString()

test('a token Secret gets its token, namespace and authority, and the uid of its account', async () => {
  const harness = start()
  harness.client.seed(serviceAccounts, account())
  harness.client.seed(secrets, secret('robot'))
  await harness.settle()
  const [filled] = harness.client.objects(secrets)
  assert.equal(text(filled!.data!['ca.crt']), 'CA')
  assert.equal(text(filled!.data!.namespace), 'default')
  const uid = harness.client.objects(serviceAccounts)[0]!.metadata.uid
  assert.equal(filled!.metadata.annotations!['kubernetes.io/service-account.uid'], uid)
  assert.equal(text(filled!.data!.token), 'robot by token')
  assert.equal(harness.client.writes().length, 1)
  await harness.stop()
})

test('it goes with its account, and the account forgets it when it goes', async () => {
  const harness = start()
  harness.client.seed(serviceAccounts, account({ secrets: [{ name: 'token' }, { name: 'other' }] }))
  harness.client.seed(secrets, secret('robot'))
  await harness.settle()
  await harness.client.delete(secrets, { namespace: 'default', name: 'token' })
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(serviceAccounts)[0]!.secrets, [{ name: 'other' }])

  await harness.client.create(secrets, secret('robot'))
  await harness.advance(1000)
  await harness.client.delete(serviceAccounts, { namespace: 'default', name: 'robot' })
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(secrets), [])
  await harness.stop()
})

test('one of an account that never was is deleted', async () => {
  const harness = start()
  harness.client.seed(secrets, secret('nobody'))
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(secrets), [])
  await harness.stop()
})
