import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { systemClock } from '../../../machinery/clock.ts'
import { systemRandom } from '../../../machinery/random.ts'
import { createPki } from '../../pki/pki.ts'
import { createServerLister } from '../../server-lister.ts'
import { readWebhookCredentials } from './credentials.ts'
import { createWebhookClient } from './webhook-client.ts'

function folderOf(t: { after(callback: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-webhook-credentials-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}
function credentialsOf(folder: string, names: readonly string[], context?: string) {
  const kubeConfigFile = join(folder, 'hooks.conf')
  const users = names.map((name) => ({ name, user: { token: `token of ${name}` } }))
  const contexts = context === undefined ? [] : [{ name: 'c', context: { user: context } }]
  writeFileSync(kubeConfigFile, JSON.stringify({ users, contexts, 'current-context': context && 'c' }))
  return readWebhookCredentials({ kubeConfigFile }, systemClock)
}

test('a webhook is shown the user that bears its name, the closest one', (t) => {
  const folder = folderOf(t)
  for (const [target, names, expected] of [
    ['hook.ns.svc:443', ['hook.ns.svc:443', 'hook.ns.svc', '*.svc', '*'], 'hook.ns.svc:443'],
    ['hook.ns.svc:443', ['hook.ns.svc', '*.svc', '*'], 'hook.ns.svc'],
    ['hook.ns.svc:443', ['*.svc:443', 'hook.ns.svc'], '*.svc:443'],
    ['hook.ns.svc:443', ['*.ns.svc', '*.svc', '*'], '*.ns.svc'],
    ['hook.ns.svc:443', ['*.other.svc', '*'], '*'],
    ['hook.ns.svc:8443', ['hook.ns.svc', '*.svc', '*'], '*'],
    ['hook.ns.svc:8443', ['*.svc:8443'], '*.svc:8443'],
    ['id.example.com:443', ['example.com', '*.com'], '*.com'],
    ['id.example.com:443', ['svc'], undefined],
  ] as const)
    assert.equal(
      credentialsOf(folder, names)(target)?.token,
      expected && `token of ${expected}`,
      `${target} of ${names.join(' ')}`,
    )
  assert.equal(credentialsOf(folder, ['a', 'b'], 'b')('x:443')?.token, 'token of b')
})

test('a file that cannot be used is refused when the server starts', (t) => {
  const folder = folderOf(t)
  assert.equal(readWebhookCredentials({ kubeConfigFile: '' }, systemClock)('x:443'), undefined)
  assert.throws(() => readWebhookCredentials({ kubeConfigFile: 'hooks.conf' }, systemClock), {
    message: 'kubeConfigFile: Invalid value: "hooks.conf": must be an absolute file path',
  })
  const path = join(folder, 'exec.conf')
  writeFileSync(path, 'users: [{name: a, user: {exec: {command: x}}}]')
  assert.throws(() => readWebhookCredentials({ kubeConfigFile: path }, systemClock), /from a command \(exec\)/)
})

test('a webhook sees the certificate and the token that are meant for it', async (t) => {
  const folder = folderOf(t)
  const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  const serving = pki.kubeletServing('hook', ['127.0.0.1'])
  const heard: [IncomingHttpHeaders, string | string[] | undefined][] = []
  const tls = { key: serving.privateKeyPem, cert: serving.certificatePem, ca: pki.clusterAuthority.certificatePem }
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    heard.push([request.headers, (request.socket as TLSSocket).getPeerCertificate().subject?.CN])
    request.resume()
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { certificateFile, privateKeyFile } = pki.client('hooks', 'api-server')
  const kubeConfigFile = join(folder, 'hooks.conf')
  const user = { 'client-certificate': certificateFile, 'client-key': privateKeyFile, token: 'xyzzy' }
  writeFileSync(kubeConfigFile, JSON.stringify({ users: [{ name: `127.0.0.1:${port}`, user }] }))
  const client = createWebhookClient({ lister: createServerLister(), clock: systemClock, random: systemRandom })
  t.after(() => client.close())
  const caBundle = Buffer.from(tls.ca).toString('base64')
  const config = { url: `https://127.0.0.1:${port}/`, caBundle }
  await client.post(config, {}, 5)
  await client.as(readWebhookCredentials({ kubeConfigFile }, systemClock)).post(config, {}, 5)
  await client.post(config, {}, 5)
  assert.deepEqual(
    heard.map(([{ authorization }, name]) => [authorization, name]),
    [
      [undefined, undefined],
      ['Bearer xyzzy', 'api-server'],
      [undefined, undefined],
    ],
  )
  server.closeAllConnections()
  await pki.serviceAccountKeys
})
