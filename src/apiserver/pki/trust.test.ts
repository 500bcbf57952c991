import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { byAuthorities } from '../authentication/by-authorities.ts'
import { createClientCertificateAuthenticator } from '../authentication/client-certificate.ts'
import { createFrontProxyAuthenticator } from '../authentication/front-proxy.ts'
import { createPki, type Pki } from './pki.ts'
import { createTrust, type Trust } from './trust.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-trust-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const clock = systemClock
const pkiOf = (name: string, clientAuthorityFile?: string) =>
  createPki({ folder: join(folder, name), clock, given: { clientAuthorityFile } })
const request = (shown: { readonly certificatePem: string }, headers: Record<string, string> = {}) => ({
  headers,
  path: '/',
  remoteAddress: '192.0.2.1',
  clientCertificate: { certificate: new X509Certificate(shown.certificatePem), verified: false, connection: {} },
})
const changed = (trust: Trust) => new Promise<void>((resolve) => trust.onChange(resolve))

test('whoever signs clients’ certificates is read again, also for connections that are there', async () => {
  const [one, two] = [pkiOf('one'), pkiOf('two')]
  const file = join(folder, 'clients.crt')
  copyFileSync(one.clusterAuthority.certificateFile, file)
  const own = pkiOf('own', file)
  const trust = createTrust({ pki: own, clock, log: silentLogger })
  const authenticator = byAuthorities(
    'client-certificate',
    () => trust.current.clients,
    (authority) => createClientCertificateAuthenticator({ authority, clock }),
  )
  const asked = { one: request(one.client('a', 'anna')), two: request(two.client('b', 'bert')) }
  const name = async (who: keyof typeof asked) => (await authenticator.authenticate(asked[who]))?.user.name
  assert.equal(await name('one'), 'anna')
  await assert.rejects(name('two'), /signed by unknown authority/)

  const first = changed(trust)
  copyFileSync(two.clusterAuthority.certificateFile, file)
  await first
  assert.equal(await name('two'), 'bert')
  await assert.rejects(name('one'), /signed by unknown authority/)
  assert.equal((await authenticator.authenticate(request(own.admin())))?.user.name, 'kubernetes-admin')

  writeFileSync(file, 'nothing')
  await sleep(clock, 150)
  assert.equal(await name('two'), 'bert')
  trust.stop()
})

test('a front proxy of others speaks by the headers that were chosen', async () => {
  const other: Pki = pkiOf('proxies')
  const file = join(folder, 'proxies.crt')
  copyFileSync(other.frontProxyAuthority.certificateFile, file)
  const trust = createTrust({ pki: pkiOf('mine'), frontProxyFile: file, clock, log: silentLogger })
  const proxies = {
    allowedNames: [],
    usernameHeaders: ['X-User', 'X-Remote-User'],
    uidHeaders: [],
    groupHeaders: ['X-Team', 'X-Group'],
    extraPrefixes: ['X-More-'],
  }
  const authenticator = byAuthorities(
    'front-proxy',
    () => trust.current.frontProxy,
    (authority) => createFrontProxyAuthenticator({ authority, proxies, clock }),
  )
  const headers = {
    'x-remote-user': 'eve',
    'x-group': 'ops',
    'x-team': 'dev',
    'x-more-why': 'tea',
    'x-remote-uid': '7',
  }
  const result = await authenticator.authenticate(request(other.frontProxyClient(), headers))
  assert.deepEqual(result?.user, { name: 'eve', uid: undefined, groups: ['dev', 'ops'], extra: { why: ['tea'] } })
  const mine = pkiOf('mine').frontProxyClient()
  await assert.rejects(async () => authenticator.authenticate(request(mine, headers)), /signed by unknown authority/)
  trust.stop()
})
