import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { connectionOf, parseKubeconfig, tokenFromFile } from './kubeconfig.ts'

const text = `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: one
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: ${Buffer.from('CA').toString('base64')}}
contexts:
- {name: dev, context: {cluster: one, user: me, namespace: shop}}
- {name: broken, context: {cluster: two, user: me}}
users:
- name: me
  user: {token: secret, as: other, as-groups: [a, b]}
`
const clock = new VirtualClock()

test('a kubeconfig says where the server is and who asks', () => {
  const connection = connectionOf(parseKubeconfig(text), { clock })
  assert.equal(connection.server, 'https://10.0.0.1:6443')
  assert.equal(connection.ca, 'CA')
  assert.equal(connection.token, 'secret')
  assert.equal(connection.namespace, 'shop')
  assert.deepEqual(connection.impersonate, { user: 'other', uid: undefined, groups: ['a', 'b'], extra: undefined })
})

test('what is missing is named', () => {
  const config = parseKubeconfig(text)
  assert.throws(() => connectionOf(config, { clock, context: 'none' }), /context "none" does not exist/)
  assert.throws(() => connectionOf(config, { clock, context: 'broken' }), /cluster "two" does not exist/)
  assert.throws(() => connectionOf({}, { clock }), /no current context/)
  assert.throws(() => parseKubeconfig('[1]'), /no mapping/)
  assert.throws(() => parseKubeconfig('users: [1]'), /users are no list/)
})

test('a token file is read again after a minute', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-token-'))
  const path = join(folder, 'token')
  writeFileSync(path, 'one\n')
  const token = tokenFromFile(path, clock)
  assert.equal(token(), 'one')
  writeFileSync(path, 'two\n')
  assert.equal(token(), 'one')
  await clock.advance(61_000)
  assert.equal(token(), 'two')
  rmSync(folder, { recursive: true })
})
