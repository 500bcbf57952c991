import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { ResourceRef } from '../../api/definition.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import { createServiceAccountTokenAuthenticator } from '../authentication/service-account-token.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { keyIdOf } from '../pki/service-account-keys.ts'
import { decodeJwt } from './jwt.ts'
import { jsonWebKeySet, openidConfiguration } from './openid-discovery.ts'
import { createTokenIssuer } from './service-account-token-issuer.ts'
import { requestToken, type TokenRequest } from './token-request.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keyId = keyIdOf(publicKey)
const keys = Promise.resolve({ signing: { keyId, privateKey }, verification: [{ keyId, publicKey }] })
const issuerName = 'https://kubernetes.default.svc.cluster.local'

const ref = (kind: string, resource: string, namespaced = true): ResourceRef => ({
  group: '',
  version: 'v1',
  kind,
  resource,
  namespaced,
})
const refs = {
  accounts: ref('ServiceAccount', 'serviceaccounts'),
  pods: ref('Pod', 'pods'),
  secrets: ref('Secret', 'secrets'),
  nodes: ref('Node', 'nodes', false),
}
const object = (kind: string, name: string, uid: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: kind === 'Node' ? undefined : 'default', uid },
  ...more,
})

function cluster() {
  const clock = new VirtualClock()
  const lister = createMemoryLister()
  lister.put(refs.accounts, object('ServiceAccount', 'robot', 'sa-1'))
  lister.put(refs.pods, object('Pod', 'web', 'pod-1', { spec: { serviceAccountName: 'robot', nodeName: 'n1' } }))
  lister.put(refs.nodes, object('Node', 'n1', 'node-1'))
  const issuer = createTokenIssuer({
    keys,
    issuer: issuerName,
    audiences: [issuerName],
    clock,
    random: seededRandom(1),
  })
  const authenticator = createServiceAccountTokenAuthenticator({
    keys,
    issuers: [issuerName],
    audiences: [issuerName],
    lister,
    clock,
  })
  const request = (spec: TokenRequest['spec'], metadata = {}) =>
    requestToken({
      namespace: 'default',
      name: 'robot',
      request: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec },
      lister,
      issuer,
      clock,
    })
  const pod = { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: 'pod-1' }
  return { clock, lister, issuer, authenticator, request, pod }
}

test('a pod’s token says who, where and for how long, in upstream’s claims', async () => {
  const { request, pod, clock } = cluster()
  const { status, spec, metadata } = await request({ boundObjectRef: pod, expirationSeconds: 3607 })
  const { claims, header } = decodeJwt(status!.token)!
  const iat = clock.now() / 1000
  assert.deepEqual(header, { alg: 'RS256', kid: keyId })
  assert.deepEqual(claims, {
    aud: [issuerName],
    exp: iat + 365 * 24 * 3600,
    iat,
    iss: issuerName,
    jti: claims.jti,
    'kubernetes.io': {
      namespace: 'default',
      node: { name: 'n1', uid: 'node-1' },
      pod: { name: 'web', uid: 'pod-1' },
      serviceaccount: { name: 'robot', uid: 'sa-1' },
      warnafter: iat + 3607,
    },
    nbf: iat,
    sub: 'system:serviceaccount:default:robot',
  })
  assert.equal(status!.expirationTimestamp, '2026-01-01T01:00:07Z')
  assert.deepEqual([spec.audiences, metadata.uid], [[issuerName], 'sa-1'])
})

test('the bearer of a bound token is its service account, with the pod and node in its extra', async () => {
  const { request, pod, authenticator } = cluster()
  const { status } = await request({ boundObjectRef: pod, expirationSeconds: 3600 })
  const result = await authenticator.authenticateToken(status!.token)
  assert.deepEqual(result?.audiences, [issuerName])
  assert.equal(result?.user.name, 'system:serviceaccount:default:robot')
  assert.equal(result?.user.uid, 'sa-1')
  assert.deepEqual(result?.user.groups, ['system:serviceaccounts', 'system:serviceaccounts:default'])
  assert.deepEqual(result?.user.extra, {
    'authentication.kubernetes.io/pod-name': ['web'],
    'authentication.kubernetes.io/pod-uid': ['pod-1'],
    'authentication.kubernetes.io/credential-id': [`JTI=${decodeJwt(status!.token)!.claims.jti as string}`],
    'authentication.kubernetes.io/node-name': ['n1'],
    'authentication.kubernetes.io/node-uid': ['node-1'],
  })
})

test('a token dies with the pod, the account, or either’s replacement by another of the same name', async () => {
  for (const spoil of ['pod gone', 'pod replaced', 'pod deleted a minute ago', 'account replaced', 'account gone']) {
    const { request, pod, authenticator, lister, clock } = cluster()
    const { status } = await request({ boundObjectRef: pod })
    await authenticator.authenticateToken(status!.token)
    if (spoil === 'pod gone') lister.delete(refs.pods, 'default', 'web')
    if (spoil === 'pod replaced') lister.put(refs.pods, object('Pod', 'web', 'pod-2'))
    if (spoil === 'pod deleted a minute ago') {
      const deleted = object('Pod', 'web', 'pod-1')
      lister.put(refs.pods, {
        ...deleted,
        metadata: { ...deleted.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      })
      await authenticator.authenticateToken(status!.token)
      await clock.advance(61_000)
    }
    if (spoil === 'account gone') lister.delete(refs.accounts, 'default', 'robot')
    if (spoil === 'account replaced') lister.put(refs.accounts, object('ServiceAccount', 'robot', 'sa-2'))
    await assert.rejects(async () => authenticator.authenticateToken(status!.token), Error, spoil)
  }
})

test('a token is refused after its end, and by another audience', async () => {
  const { request, authenticator, clock } = cluster()
  const { status } = await request({ expirationSeconds: 600 })
  await assert.rejects(async () => authenticator.authenticateToken(status!.token, ['vault']), {
    message: `token audiences ["${issuerName}"] is invalid for the target audiences ["vault"]`,
  })
  await clock.advance(600_000)
  await authenticator.authenticateToken(status!.token)
  await clock.advance(61_000)
  await assert.rejects(async () => authenticator.authenticateToken(status!.token), {
    message: 'service account token has expired',
  })
})

test('forged tokens are refused: changed claims, "alg: none", HMAC keyed with the public key, another key', async () => {
  const { request, authenticator } = cluster()
  const { token } = (await request({})).status!
  const [, body = '', signature = ''] = token.split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { ...decodeJwt(token)!.claims, sub: 'system:serviceaccount:kube-system:admin' }
  const head = (alg: string) => encode({ alg, kid: keyId })
  const hmac = createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
    .update(`${head('HS256')}.${body}`)
    .digest('base64url')
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = createTokenIssuer({
    keys: Promise.resolve({ signing: { keyId, privateKey: stranger.privateKey }, verification: [] }),
    issuer: issuerName,
    audiences: [issuerName],
    clock: new VirtualClock(),
    random: seededRandom(2),
  })
  const account = object('ServiceAccount', 'robot', 'sa-1')
  const foreign = await other.issue({ serviceAccount: account, audiences: [issuerName], expirationSeconds: 600 })
  for (const forged of [
    `${head('RS256')}.${encode(claims)}.${signature}`,
    `${head('none')}.${body}.AA`,
    `${head('HS256')}.${body}.${hmac}`,
    foreign.token,
  ])
    await assert.rejects(async () => authenticator.authenticateToken(forged))
  assert.equal(await authenticator.authenticateToken('not.a.token'), undefined)
  assert.equal(await authenticator.authenticateToken(`${head('RS256')}.${encode({ iss: 'elsewhere' })}.AA`), undefined)
})

test('a token request is refused as upstream refuses it', async () => {
  const { request, pod, lister } = cluster()
  lister.put(refs.pods, object('Pod', 'other', 'pod-9', { spec: { serviceAccountName: 'default' } }))
  const message = (text: string) => ({ message: text })
  await assert.rejects(
    request({ expirationSeconds: 599 }),
    message(
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ),
  )
  await assert.rejects(request({ boundObjectRef: { ...pod, name: 'gone' } }), message('pods "gone" not found'))
  await assert.rejects(
    request({ boundObjectRef: { ...pod, name: 'other', uid: '' } }),
    message('cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.'),
  )
  await assert.rejects(
    request({ boundObjectRef: { ...pod, uid: 'pod-0' } }),
    message(
      'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (pod-0) does not match the UID in record. The object might have been deleted and then recreated',
    ),
  )
  await assert.rejects(
    request({ boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'a' } }),
    message('cannot bind token to object of type apps/v1, Kind=Deployment'),
  )
  await assert.rejects(request({}, { name: 'other' }), /must match the service account name if specified/)
})

test('the token of a Secret holds as long as the Secret holds the same token', async () => {
  const { issuer, authenticator, lister } = cluster()
  const account = object('ServiceAccount', 'robot', 'sa-1')
  const token = await issuer.issueLegacy(account, 'robot-token')
  const secret = (value: string, labels = {}) => ({
    ...object('Secret', 'robot-token', 'secret-1', { data: { token: Buffer.from(value).toString('base64') } }),
    metadata: { name: 'robot-token', namespace: 'default', uid: 'secret-1', labels },
  })
  await assert.rejects(async () => authenticator.authenticateToken(token), { message: 'Token has been invalidated' })
  lister.put(refs.secrets, secret(token))
  assert.equal((await authenticator.authenticateToken(token))?.user.name, 'system:serviceaccount:default:robot')
  lister.put(refs.secrets, secret(token, { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }))
  await assert.rejects(async () => authenticator.authenticateToken(token), /has been marked invalid/)
  lister.put(refs.secrets, secret('other'))
  await assert.rejects(async () => authenticator.authenticateToken(token), /does not match server's copy/)
})

test('discovery names the issuer and its keys', async () => {
  const configuration = JSON.parse(
    openidConfiguration(issuerName, 'https://192.0.2.1:6443/openid/v1/jwks', await keys).body,
  )
  assert.deepEqual(configuration, {
    issuer: issuerName,
    jwks_uri: 'https://192.0.2.1:6443/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  })
  const { keys: published } = JSON.parse(jsonWebKeySet(await keys).body)
  assert.deepEqual(Object.keys(published[0]), ['use', 'kty', 'kid', 'alg', 'n', 'e'])
  assert.equal(published[0].kid, keyId)
})
