import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:https'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { serviceAccounts } from '../api/core/v1/service-account.ts'
import { kinds } from '../api/kinds.ts'
import { createClient } from '../client/create-client.ts'
import { systemClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { systemRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import type { Store } from '../store/store.ts'
import { type Access, createAccess, serverUser } from './access.ts'
import type { IssuedCertificate } from './pki/issued-certificate.ts'
import { createPki, type Pki } from './pki/pki.ts'
import { type ApiServer, createApiServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-wire-'))
const common = { clock: systemClock, random: systemRandom, log: silentLogger }
let pki: Pki
let access: Access
let server: ApiServer
let store: Store
let token: string

before(async () => {
  pki = createPki({ folder, clock: systemClock })
  access = createAccess({ pki, ...common })
  store = createMemoryStore()
  server = createApiServer({
    ...access.serverOptions,
    store,
    kinds,
    tls: access.tls(['127.0.0.1', 'localhost']),
    listen: { addresses: ['127.0.0.1'], port: 0 },
    ...common,
  })
  await server.start()
  const admin = createClient(server.inProcess(serverUser))
  await access.connect(server.resources, admin)
  await access.bootstrap()
  const robot = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } }
  await admin.create(serviceAccounts, robot)
  const request = { ...robot, apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const issued = await admin.create<never, { status: { token: string } }>(serviceAccounts as never, request as never, {
    subresource: 'token',
  })
  token = issued.status.token
})
after(async () => {
  access.stop()
  await server.stop()
  await store.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly message?: string; readonly status?: { readonly userInfo: object } }
}
/** Asks who one is, over HTTP/1.1 or HTTP/2. */
const whoAmI = (
  version: 1 | 2,
  headers: Record<string, string | string[]>,
  identity?: IssuedCertificate,
  path = '/apis/authentication.k8s.io/v1/selfsubjectreviews',
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const tls = {
      ca: pki.clusterAuthority.certificatePem,
      cert: identity?.certificatePem,
      key: identity?.privateKeyPem,
    }
    const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
    const all = { ...headers, 'content-type': 'application/json' }
    const done = (status: number, got: IncomingHttpHeaders, text: string) =>
      resolve({ status, headers: got, body: JSON.parse(text) as Answer['body'] })
    if (version === 1) {
      const sent = httpRequest(
        `${server.address}${path}`,
        { ...tls, method: 'POST', headers: all, agent: false },
        (response) => {
          let text = ''
          response.on('data', (chunk) => (text += chunk))
          response.on('end', () => done(response.statusCode!, response.headers, text))
        },
      )
      sent.on('error', reject)
      sent.end(body)
      return
    }
    const session = connect(server.address, tls)
    session.on('error', reject)
    const stream = session.request({ ':method': 'POST', ':path': path, ...all })
    let got: IncomingHttpHeaders = {}
    let text = ''
    stream.on('response', (response) => (got = response as IncomingHttpHeaders))
    stream.on('data', (chunk) => (text += chunk))
    stream.on('end', () => {
      session.close()
      done(Number((got as Record<string, unknown>)[':status']), got, text)
    })
    stream.end(body)
  })

for (const version of [1, 2] as const) {
  test(`over HTTP/${version}: a client certificate and a service-account token say who asks`, async () => {
    const admin = await whoAmI(version, {}, pki.admin())
    assert.equal(admin.status, 201)
    const { userInfo } = admin.body.status as { userInfo: { username: string; groups: string[] } }
    assert.equal(userInfo.username, 'kubernetes-admin')
    assert.deepEqual(userInfo.groups, ['system:masters', 'system:authenticated'])
    const robot = await whoAmI(version, { authorization: `Bearer ${token}` })
    assert.equal(
      (robot.body.status as { userInfo: { username: string } }).userInfo.username,
      'system:serviceaccount:default:robot',
    )
    assert.match(String(robot.headers['x-kubernetes-pf-flowschema-uid']), /^[0-9a-f-]{36}$/)
    assert.match(String(robot.headers['x-kubernetes-pf-prioritylevel-uid']), /^[0-9a-f-]{36}$/)
  })

  test(`over HTTP/${version}: a wrong credential is 401, none is anonymous`, async () => {
    const wrong = await whoAmI(version, { authorization: 'Bearer wrong' })
    assert.deepEqual([wrong.status, wrong.body.message], [401, 'Unauthorized'])
    const stranger = await whoAmI(version, {}, pki.frontProxyClient())
    assert.equal(stranger.status, 401)
    const nobody = await whoAmI(version, {})
    assert.equal(nobody.status, 403)
    assert.match(
      nobody.body.message ?? '',
      /^selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot create/,
    )
  })

  test(`over HTTP/${version}: impersonation and the front proxy keep groups with commas apart`, async () => {
    const groups = ['cn=dev,ou=people', 'ops', 'system:authenticated']
    const acted = await whoAmI(version, { 'Impersonate-User': 'bob', 'Impersonate-Group': groups }, pki.admin())
    assert.deepEqual(acted.body.status?.userInfo, { username: 'bob', groups })
    const spoken = await whoAmI(
      version,
      { 'X-Remote-User': 'dave', 'X-Remote-Group': groups, 'X-Remote-Extra-Scopes': ['a', 'b'] },
      pki.frontProxyClient(),
    )
    assert.deepEqual(spoken.body.status?.userInfo, { username: 'dave', groups, extra: { scopes: ['a', 'b'] } })
    const refused = await whoAmI(version, { 'Impersonate-User': 'bob', authorization: `Bearer ${token}` })
    assert.equal(refused.status, 403)
  })
}
