import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ResourceRef } from '../../api/definition.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { createLogger, silentLogger } from '../../machinery/log.ts'
import { createMemoryLister } from '../memory-lister.ts'
import type { IssuedCertificate } from '../pki/issued-certificate.ts'
import { createPki } from '../pki/pki.ts'
import type { AuthenticationRequest, Authenticator } from './authenticator.ts'
import { createBearerTokenAuthenticator, createWebSocketTokenAuthenticator } from './bearer-token.ts'
import { createBootstrapTokenAuthenticator } from './bootstrap-token.ts'
import { createAuthenticationChain } from './chain.ts'
import { createClientCertificateAuthenticator } from './client-certificate.ts'
import { usualFrontProxy } from '../options/front-proxy-options.ts'
import { createFrontProxyAuthenticator } from './front-proxy.ts'
import { createStaticTokenAuthenticator } from './static-token.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-authentication-'))
const clock = new VirtualClock()
const pki = createPki({ folder, clock })
after(async () => {
  await pki.serviceAccountKeys
  rmSync(folder, { recursive: true })
})

const request = (headers: Record<string, string> = {}, shown?: IssuedCertificate): AuthenticationRequest => ({
  headers,
  path: '/api/v1/pods',
  remoteAddress: '192.0.2.1',
  clientCertificate: shown && {
    certificate: new X509Certificate(shown.certificatePem),
    verified: true,
    connection: {},
  },
})
const clientCertificates = createClientCertificateAuthenticator({ authority: pki.clusterAuthority.certificate, clock })
const frontProxy = createFrontProxyAuthenticator({
  authority: pki.frontProxyAuthority.certificate,
  clock,
})
const tokens = [createStaticTokenAuthenticator(new Map([['secret', { name: 'carol', groups: ['dev'] }]]))]
const chain = (authenticators: Authenticator[], anonymous = { enabled: true }) =>
  createAuthenticationChain({ authenticators, anonymous, log: silentLogger })
const unauthorized = { code: 401, message: 'Unauthorized' }

test('the holder of a client certificate is its common name in its organizations', async () => {
  const { user } = await chain([clientCertificates]).authenticate(request({}, pki.kubelet('n1')))
  assert.equal(user.name, 'system:node:n1')
  assert.deepEqual(user.groups, ['system:nodes', 'system:authenticated'])
  assert.match(user.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^X509SHA256=[0-9a-f]{64}$/)
})

test('a certificate of another authority, of another use or past its end is refused, not anonymous', async () => {
  const { authenticate } = chain([clientCertificates])
  await assert.rejects(authenticate(request({}, pki.frontProxyClient())), unauthorized)
  await assert.rejects(authenticate(request({}, pki.apiServer(['localhost']))), unauthorized)
  const later = new VirtualClock(clock.now() + 366 * 24 * 3600 * 1000)
  const authority = pki.clusterAuthority.certificate
  const strict = chain([createClientCertificateAuthenticator({ authority, clock: later })])
  await assert.rejects(strict.authenticate(request({}, pki.admin())), unauthorized)
})

test('a connection is verified once, and its certificate’s end is still noticed', async () => {
  const now = new VirtualClock()
  const authenticator = createClientCertificateAuthenticator({
    authority: pki.clusterAuthority.certificate,
    clock: now,
  })
  const open = request({}, pki.admin())
  const first = await authenticator.authenticate(open)
  assert.equal((await authenticator.authenticate(open))?.user, first?.user)
  await now.advance(366 * 24 * 3600 * 1000)
  await assert.rejects(async () => authenticator.authenticate(open), /expired/)
})

test('without a credential a request is anonymous, unless that is off or limited to other paths', async () => {
  const { user } = await chain([clientCertificates]).authenticate(request())
  assert.deepEqual(user, { name: 'system:anonymous', groups: ['system:unauthenticated'] })
  await assert.rejects(chain([], { enabled: false }).authenticate(request()), unauthorized)
  const paths = { enabled: true, paths: ['/livez'] }
  await assert.rejects(chain([], paths).authenticate(request()), unauthorized)
  assert.equal((await chain([], paths).authenticate({ ...request(), path: '/livez' })).user.name, 'system:anonymous')
})

test('a bearer token is accepted or refused, never anonymous', async () => {
  const { authenticate } = chain([createBearerTokenAuthenticator(tokens), createWebSocketTokenAuthenticator(tokens)])
  const carol = { name: 'carol', groups: ['dev', 'system:authenticated'] }
  assert.deepEqual((await authenticate(request({ authorization: 'Bearer secret' }))).user, carol)
  assert.deepEqual((await authenticate(request({ authorization: 'bearer secret' }))).user, carol)
  await assert.rejects(authenticate(request({ authorization: 'Bearer wrong' })), unauthorized)
  const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('secret').toString('base64url')}`
  const socket = (protocols: string) => request({ upgrade: 'websocket', 'sec-websocket-protocol': protocols })
  assert.deepEqual((await authenticate(socket(`${protocol}, v4.channel.k8s.io`))).user, carol)
  await assert.rejects(authenticate(socket(protocol)), unauthorized)
  await assert.rejects(authenticate(socket(`${protocol}, ${protocol}, v4.channel.k8s.io`)), unauthorized)
})

test('security.md, secrets in logs: a refused token never appears in the log', async () => {
  let written = ''
  const log = createLogger({ level: 'debug', write: (line) => (written += line), now: () => 0 })
  const { authenticate } = createAuthenticationChain({
    authenticators: [createBearerTokenAuthenticator(tokens)],
    anonymous: { enabled: true },
    log,
  })
  await assert.rejects(authenticate(request({ authorization: 'Bearer hunter2hunter2' })))
  assert.match(written, /invalid bearer token/)
  assert.doesNotMatch(written, /hunter2/)
})

test('the front proxy speaks for others; the same headers from anyone else count for nothing', async () => {
  const headers = {
    'x-remote-user': 'dave',
    'x-remote-group': 'ops',
    'x-remote-extra-acme.io%2fproject': 'x',
    'x-remote-uid': '7',
  }
  const { authenticate } = chain([frontProxy, clientCertificates])
  const asked = {
    ...request(headers, pki.frontProxyClient()),
    headerValues: (name: string) =>
      name === 'x-remote-group' ? ['ops', 'a, b'] : [headers[name as keyof typeof headers]],
  }
  assert.deepEqual((await authenticate(asked)).user, {
    name: 'dave',
    uid: '7',
    groups: ['ops', 'a, b', 'system:authenticated'],
    extra: { 'acme.io/project': ['x'] },
  })
  assert.equal((await authenticate(request(headers))).user.name, 'system:anonymous')
  assert.equal((await authenticate(request(headers, pki.admin()))).user.name, 'kubernetes-admin')
  const named = createFrontProxyAuthenticator({
    authority: pki.frontProxyAuthority.certificate,
    proxies: { ...usualFrontProxy, allowedNames: ['other'] },
    clock,
  })
  await assert.rejects(chain([named]).authenticate(request(headers, pki.frontProxyClient())), unauthorized)
})

test('a bootstrap token lets a node join until it expires, in the groups that its secret names', async () => {
  const secrets: ResourceRef = { group: '', version: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true }
  const lister = createMemoryLister()
  const put = (data: Record<string, string>) =>
    lister.put(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    } as never)
  const authenticator = createBootstrapTokenAuthenticator({ lister, clock: new VirtualClock(Date.UTC(2026, 0, 1)) })
  const good = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    expiration: '2026-01-02T00:00:00Z',
  }
  const ask = async () => (await authenticator.authenticateToken('abcdef.0123456789abcdef'))?.user
  put(good)
  assert.deepEqual(await ask(), {
    name: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token'],
  })
  for (const bad of [
    { 'token-secret': '0123456789abcdee' },
    { expiration: '2025-12-31T00:00:00Z' },
    { expiration: 'soon' },
    { 'usage-bootstrap-authentication': 'false' },
    { 'auth-extra-groups': 'system:masters' },
  ]) {
    put({ ...good, ...bad })
    assert.equal(await ask(), undefined)
  }
})
