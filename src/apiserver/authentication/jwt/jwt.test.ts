import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { writeFileSync } from 'node:fs'
import { type Clock, sleep, systemClock } from '../../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../../machinery/log.ts'
import { MetricsRegistry } from '../../../machinery/metrics.ts'
import { seededRandom } from '../../../machinery/random.ts'
import type { ServerOptionValues } from '../../options/server-options.ts'
import { openService } from '../../webhook/service.fixture.ts'
import { configureAuthentication } from '../configure-authentication.ts'
import { authenticateToken } from '../token-authenticator.ts'

const ownIssuer = 'https://kubernetes.default.svc.cluster.local'
let laterMs = 0
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + laterMs }
/** Resolves when the next error is logged. */
let complain: (why: string) => void = () => {}
const log: Logger = {
  ...silentLogger,
  child: () => log,
  error: (_message, fields) => complain(String(fields?.['why'])),
}
const common = { clock, random: seededRandom(1), log, ownIssuers: [ownIssuer] }
const rsa = await generateKeyPair('RS256')
const ec = await generateKeyPair('ES256')

/** An issuer whose published keys can be changed. */
async function openIssuer() {
  let keys = [{ ...(await exportJWK(rsa.publicKey)), kid: 'one' }]
  const service = await openService((path, _body, url) => {
    if (path === '/.well-known/openid-configuration') return { issuer: url, jwks_uri: `${url}/keys` }
    if (path === '/other/discovery') return { issuer: 'https://id.example.com', jwks_uri: `${url}/keys` }
    return path === '/keys' ? { keys } : 302
  })
  const token = (claims: object, more: { kid?: string; iss?: string } = {}, key = rsa.privateKey, alg = 'RS256') =>
    new SignJWT({ iss: more.iss ?? service.url, aud: 'skiff', sub: 'jane', exp: soon, ...claims })
      .setProtectedHeader({ alg, kid: more.kid ?? 'one' })
      .sign(key)
  const configuration = (text: string) =>
    service.write('authn.yaml', `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${text}`)
  const issuer = (more: string) => `
jwt:
- issuer:
    url: ${service.url}
    audiences: [skiff]
    certificateAuthority: |
      ${service.caPem.trim().replaceAll('\n', '\n      ')}
${more}`
  const setKeys = (next: typeof keys) => void (keys = next)
  return { service, token, configuration, issuer, setKeys }
}
const soon = Math.floor(systemClock.now() / 1000) + 3600
const ask = (values: ServerOptionValues) => {
  const configured = configureAuthentication(values, { ...common, metrics: new MetricsRegistry() })
  return { ...configured, userOf: async (token: string) => (await authenticateToken(configured.tokens, token))?.user }
}

test('a token of the issuer of --oidc-issuer-url is its user, with the usual prefixes', async () => {
  const { service, token } = await openIssuer()
  await using _ = service
  const flags: ServerOptionValues = {
    'oidc-issuer-url': service.url,
    'oidc-client-id': 'skiff',
    'oidc-ca-file': service.write('ca.pem', service.caPem),
  }
  const plain = ask(flags)
  assert.deepEqual(await plain.userOf(await token({ jti: 'id' })), {
    name: `${service.url}#jane`,
    groups: [],
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id'] },
  })
  const email = ask({
    ...flags,
    'oidc-username-claim': 'email',
    'oidc-groups-claim': 'teams',
    'oidc-groups-prefix': 'oidc:',
    'oidc-required-claim': ['hd=example.com'],
  })
  const claims = { email: 'jane@example.com', teams: ['a', 'b'], hd: 'example.com' }
  assert.deepEqual(await email.userOf(await token(claims)), {
    name: 'jane@example.com',
    groups: ['oidc:a', 'oidc:b'],
    extra: {},
  })
  const refused = async (more: object, why: RegExp) =>
    assert.rejects(email.userOf(await token({ ...claims, ...more })), why)
  await refused({ email_verified: false }, /^Error: oidc: email not verified$/)
  await refused({ hd: 'evil.com' }, /oidc: required claim hd value does not match. Got = evil.com, want = example.com/)
  await refused({ hd: undefined }, /oidc: required claim hd not present in ID token/)
  await refused({ teams: 7 }, /oidc: parse groups claim "teams": json: cannot unmarshal number/)
  await refused({ aud: 'other' }, /oidc: verify token: oidc: expected audience "skiff" got \["other"\]/)
  await refused({ exp: 1 }, /oidc: token is expired \(Token Expiry: 1970-01-01 00:00:01 \+0000 UTC\)/)
  await refused({ nbf: soon }, /before the nbf \(not before\) time/)
  // Somebody else's token is not for this authenticator to judge.
  assert.equal(await email.userOf(await token({}, { iss: 'https://elsewhere.example.com' })), undefined)
  assert.equal(await email.userOf('no-token'), undefined)
  plain.stop()
  email.stop()
})

test('groups that the token says are told elsewhere are fetched from there', async () => {
  const { service, token } = await openIssuer()
  await using _ = service
  let told: string | number = 404
  const other = await openService((path, _body, url, bearer) => {
    if (path === '/.well-known/openid-configuration') return { issuer: url, jwks_uri: `${service.url}/keys` }
    return bearer === 'Bearer f005ba11' ? told : 401
  })
  await using __ = other
  const { userOf, stop } = ask({
    'oidc-issuer-url': service.url,
    'oidc-client-id': 'skiff',
    'oidc-ca-file': service.write('ca.pem', service.caPem + other.caPem),
    'oidc-groups-claim': 'groups',
  })
  const source = { endpoint: `${other.url}/groups`, access_token: 'f005ba11' }
  const elsewhere = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: source } }
  let asked = 0
  const user = async (claims: object) => userOf(await token({ ...elsewhere, ...claims, jti: String(asked++) }))
  told = await token({ groups: ['team1', 'team2'] }, { iss: other.url })
  assert.deepEqual((await user({}))?.groups, ['team1', 'team2'])
  assert.deepEqual((await user({ groups: ['own'] }))?.groups, ['own'], 'a claim of the token itself comes first')
  assert.deepEqual((await user({ _claim_names: { other: 'src1' } }))?.groups, [])
  assert.deepEqual((await user({ _claim_sources: { src1: { JWT: told } } }))?.groups, [], 'aggregated: not read')

  const refused = (claims: object, why: RegExp) => assert.rejects(user(claims), why)
  const prefix = 'oidc: could not expand distributed claims: '
  await refused({ _claim_sources: undefined }, new RegExp(`${prefix}oidc: no claim sources`))
  await refused({ _claim_sources: {} }, /_claim_names contained a source src1 missing in _claims_sources/)
  await refused({ _claim_sources: { src1: { ...source, access_token: 'no' } } }, /while getting distributed.*401/)
  await refused({ _claim_sources: { src1: { endpoint: 'http://127.0.0.1:1/' } } }, /Protocol "http:" not supported/)
  told = await token({ roles: ['x'] }, { iss: other.url })
  await refused({}, /did not contain claim: groups/)
  told = await token({ groups: ['x'], aud: 'else' }, { iss: other.url })
  await refused({}, /verify distributed claim token: oidc: expected audience "skiff" got \["else"\]/)
  told = await token({ groups: ['x'] }, { iss: other.url }, ec.privateKey, 'ES256')
  await refused({}, /verify distributed claim token: /)
  told = 'nothing'
  await refused({}, /getting untrusted issuer from endpoint/)
  stop()
})

test('only signatures by a published key of an allowed kind count; new keys are looked for', async () => {
  const { service, token, setKeys } = await openIssuer()
  await using _ = service
  const flags = {
    'oidc-issuer-url': service.url,
    'oidc-client-id': 'skiff',
    'oidc-ca-file': service.write('ca', service.caPem),
  }
  const { userOf, stop } = ask(flags)
  assert.equal((await userOf(await token({})))?.name, `${service.url}#jane`)
  await assert.rejects(
    userOf(await token({}, {}, ec.privateKey, 'ES256')),
    /oidc: id token signed with unsupported algorithm, expected \["RS256"\] got "ES256"/,
  )
  const stranger = await generateKeyPair('RS256')
  await assert.rejects(userOf(await token({}, {}, stranger.privateKey)), /failed to verify id token signature/)
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ iss: service.url })).toString('base64url')}.`
  await assert.rejects(userOf(unsigned), /unsupported algorithm/)
  // A shared secret: the public key taken for one.
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(rsa.publicKey)))
  const forged = await new SignJWT({ iss: service.url, aud: 'skiff', sub: 'jane', exp: soon })
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .sign(secret)
  await assert.rejects(userOf(forged), /unsupported algorithm/)
  setKeys([{ ...(await exportJWK(stranger.publicKey)), kid: 'two' }])
  laterMs += 1001
  assert.equal(
    (await userOf(await token({ sub: 'joe' }, { kid: 'two' }, stranger.privateKey)))?.name,
    `${service.url}#joe`,
  )
  stop()
})

test('expressions map claims to a user and check both', async () => {
  const { service, token, configuration, issuer } = await openIssuer()
  await using _ = service
  const path = configuration(
    issuer(`
  claimValidationRules:
  - {expression: "claims.exp - claims.nbf <= 86400.0", message: "total token lifetime must not exceed 24 hours"}
  claimMappings:
    username: {expression: "claims.username + ':external'"}
    groups: {expression: "claims.?roles.orValue([])"}
    uid: {expression: claims.sub}
    extra:
    - {key: example.com/tenant, valueExpression: "claims.kubernetes__dot__io.tenant"}
    - {key: example.com/none, valueExpression: "''"}
  userValidationRules:
  - {expression: "!user.username.startsWith('system:')", message: "username cannot use reserved system: prefix"}
  - {expression: "user.groups.all(g, !g.startsWith('system:'))", message: reserved group}`),
  )
  const { userOf, stop, anonymous } = ask({ 'authentication-config': path })
  assert.deepEqual(anonymous, { enabled: true })
  const claims = { username: 'jane', nbf: soon - 3700, roles: ['dev', ''], 'kubernetes.io': { tenant: 't1' } }
  assert.deepEqual(await userOf(await token(claims)), {
    name: 'jane:external',
    uid: 'jane',
    groups: ['dev'],
    extra: { 'example.com/tenant': ['t1'] },
  })
  const refused = async (more: object, why: RegExp) => assert.rejects(userOf(await token({ ...claims, ...more })), why)
  await refused(
    { nbf: 1 },
    /'claims.exp - claims.nbf <= 86400.0' failed: total token lifetime must not exceed 24 hours/,
  )
  await refused(
    { username: 'system:admin' },
    /error evaluating user info validation rule: .* username cannot use reserved/,
  )
  await refused({ roles: ['system:masters'] }, /reserved group/)
  await refused(
    { roles: [7] },
    /error evaluating group claim expression: expression must return a string or a list of strings/,
  )
  await refused({ username: undefined }, /oidc: error evaluating username claim expression: .*no such key/)
  stop()
})

test('a changed file counts at once, unless it is wrong', async () => {
  const { service, token, configuration, issuer } = await openIssuer()
  await using _ = service
  const mapping = (prefix: string) => `
  claimMappings: {username: {claim: sub, prefix: "${prefix}"}}
anonymous: {enabled: true, conditions: [{path: /livez}]}`
  const path = configuration(issuer(mapping('a:')))
  const { userOf, anonymous, stop } = ask({ 'authentication-config': path })
  assert.deepEqual(anonymous, { enabled: true, paths: ['/livez'] })
  assert.equal((await userOf(await token({})))?.name, 'a:jane')
  configuration(issuer(mapping('b:')))
  for (let name = ''; name !== 'b:jane'; ) {
    await sleep(systemClock, 5)
    name = (await userOf(await token({})))?.name ?? ''
  }
  const complained = new Promise<string>((resolve) => (complain = resolve))
  writeFileSync(path, 'jwt: 7')
  assert.match(await complained, /no kind "" is registered for version ""/)
  assert.equal((await userOf(await token({})))?.name, 'b:jane')
  stop()
})

test('the description of an issuer may lie elsewhere', async () => {
  const { service, token, configuration, issuer } = await openIssuer()
  await using _ = service
  const text = issuer('  claimMappings: {username: {claim: sub, prefix: ""}}').replace(
    `url: ${service.url}`,
    `url: https://id.example.com\n    discoveryURL: ${service.url}/other/discovery`,
  )
  const { userOf, stop } = ask({ 'authentication-config': configuration(text) })
  assert.equal((await userOf(await token({}, { iss: 'https://id.example.com' })))?.name, 'jane')
  stop()
})

test('a configuration that cannot hold is refused in upstream’s words', async () => {
  const { service, configuration } = await openIssuer()
  await using _ = service
  const refused = (text: string, why: RegExp) =>
    assert.throws(() => ask({ 'authentication-config': configuration(text) }), why)
  refused(
    'jwt: [{issuer: {url: 1}}]',
    /failed to load authentication configuration from file ".*": jwt\[0\].issuer.url: must be a string/,
  )
  refused('jwts: []', /strict decoding error: unknown field "jwts"/)
  const issuer = (more: string) => `jwt:\n- issuer: {url: "https://x.example.com", audiences: [a]}\n${more}`
  refused(
    issuer('  claimMappings: {}'),
    /jwt\[0\].claimMappings.username: Required value: claim or expression is required/,
  )
  refused(
    issuer('  claimMappings: {username: {claim: sub}}'),
    /jwt\[0\].claimMappings.username.prefix: Required value: prefix is required when claim is set/,
  )
  refused(
    issuer('  claimMappings: {username: {expression: "claims.email"}}'),
    /claims.email_verified must be used in claimMappings.username.expression or/,
  )
  refused(
    issuer('  claimMappings: {username: {expression: "claims.x +"}}'),
    /jwt\[0\].claimMappings.username.expression: Invalid value: "claims.x \+": compilation failed: ERROR: <input>:1:/,
  )
  refused(
    issuer('  claimMappings: {username: {expression: claims.sub}}\n  claimValidationRules: [{expression: "1"}]'),
    /jwt\[0\].claimValidationRules\[0\].expression: Invalid value: "1": must evaluate to bool/,
  )
  refused(
    issuer('  claimMappings: {username: {expression: claims.sub}, extra: [{key: k8s.io/x, valueExpression: "1"}]}'),
    /k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use/,
  )
  refused(
    `jwt:\n- issuer: {url: "${ownIssuer}", audiences: [a, b]}\n  claimMappings: {username: {expression: claims.sub}}`,
    /URL must not overlap with disallowed issuers: \[.*\], jwt\[0\].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences/,
  )
  refused(
    'anonymous: {enabled: false, conditions: [{path: /x}]}',
    /enabled should be set to true when conditions are defined/,
  )
  assert.throws(() => ask({ 'oidc-client-id': 'x' }), /oidc-issuer-url and oidc-client-id must be specified together/)
  const file = configuration('jwt: []')
  assert.throws(
    () => ask({ 'authentication-config': file, 'oidc-client-id': 'x', 'oidc-issuer-url': 'https://x' }),
    /authentication-config file and oidc-\* flags are mutually exclusive/,
  )
  configuration('anonymous: {enabled: true}')
  assert.throws(
    () => ask({ 'authentication-config': file, 'anonymous-auth': true }),
    /--anonymous-auth flag cannot be set/,
  )
})

test('a webhook tells who holds a token, and its answers are remembered', async () => {
  await using service = await openService((_path, { spec }: { spec?: { token: string; audiences: string[] } }) =>
    spec?.token === 'broken'
      ? 403
      : {
          kind: 'TokenReview',
          apiVersion: 'authentication.k8s.io/v1',
          status:
            spec?.token === 'good'
              ? { authenticated: true, user: { username: 'jane', groups: ['dev'], extra: { k: ['v'] } } }
              : { authenticated: false, error: spec?.token === 'bad' ? 'revoked' : undefined },
        },
  )
  const { userOf, stop } = ask({
    'authentication-token-webhook-config-file': service.kubeconfig('/authenticate'),
    'authentication-token-webhook-version': 'v1',
  })
  assert.deepEqual(await userOf('good'), { name: 'jane', groups: ['dev'], extra: { k: ['v'] } })
  assert.deepEqual(await userOf('good'), { name: 'jane', groups: ['dev'], extra: { k: ['v'] } })
  assert.equal(await userOf('unknown'), undefined)
  assert.equal(await userOf('unknown'), undefined)
  await assert.rejects(userOf('bad'), /^Error: revoked$/)
  await assert.rejects(userOf('broken'), /forbidden|unknown/)
  assert.deepEqual(
    service.asked.map(({ path, body }) => [path, (body as { spec?: { token: string } }).spec?.token]),
    ['good', 'unknown', 'bad', 'broken'].map((token) => ['/authenticate', token]),
  )
  assert.deepEqual(service.asked[0]!.body, {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { token: 'good', audiences: [ownIssuer] },
    status: { user: {} },
  })
  stop()
})
