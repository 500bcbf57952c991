import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { secrets } from '../api/core/v1/secret.ts'
import { serviceAccounts } from '../api/core/v1/service-account.ts'
import { kinds } from '../api/kinds.ts'
import { createClient } from '../client/create-client.ts'
import { httpTransport } from '../client/http/http-transport.ts'
import { systemClock } from '../machinery/clock.ts'
import { createLogger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { systemRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import { createAccess, defaultIssuer, serverUser } from './access.ts'
import { loadAccessConfiguration } from './options/access-configuration.ts'
import { createPki } from './pki/pki.ts'
import { createApiServer } from './server.ts'

test('security.md, secrets in logs: at the highest verbosity no token, key or value of a secret is in any log or metric', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-secrecy-'))
  const lines: string[] = []
  const log = createLogger({ level: 'debug', write: (line) => void lines.push(line), now: () => systemClock.now() })
  const common = { clock: systemClock, random: systemRandom, log }
  const pki = createPki({ folder, clock: systemClock })
  const metrics = new MetricsRegistry()
  const encryptionKey = Buffer.alloc(32, 'top-secret-key').toString('base64')
  const write = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
    return join(folder, name)
  }
  const configuration = await loadAccessConfiguration(
    {
      'audit-policy-file': write('audit.yaml', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]'),
      'audit-log-path': join(folder, 'audit.log'),
      'authentication-config': write('authn.json', {
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AuthenticationConfiguration',
        jwt: [
          {
            issuer: { url: 'https://127.0.0.1:1', audiences: ['a'] },
            claimMappings: { username: { claim: 'sub', prefix: '' } },
          },
        ],
      }),
      'encryption-provider-config': write('encryption.json', {
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'EncryptionConfiguration',
        resources: [
          { resources: ['secrets'], providers: [{ aescbc: { keys: [{ name: 'k', secret: encryptionKey }] } }] },
        ],
      }),
    },
    { ...common, metrics, ownIssuers: [defaultIssuer], encryptionKey: pki.encryptionKey },
  )
  const access = createAccess({ pki, ...common, configuration })
  const store = createMemoryStore({ clock: systemClock })
  const server = createApiServer({
    ...access.serverOptions,
    store,
    kinds,
    metrics,
    ...common,
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: access.tls(['127.0.0.1']),
    shutdownGraceMs: 10,
  })
  await server.start()
  const own = createClient(server.inProcess(serverUser))
  await access.connect(server.resources, own)
  await access.bootstrap()
  const admin = pki.admin()
  const shared = { server: server.address, ca: pki.clusterAuthority.certificatePem, userAgent: 't', clock: systemClock }
  const transport = httpTransport({ ...shared, cert: admin.certificatePem, key: admin.privateKeyPem })
  const client = createClient(transport)
  const metadata = { name: 's', namespace: 'default' }
  try {
    const value = 'hunter2-of-the-secret'
    await client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { value } } as never)
    await client.get(secrets, metadata)
    await client.patch(secrets, metadata, 'merge', { stringData: { value: `${value}-2` } })
    await assert.rejects(client.patch(secrets, metadata, 'merge', { data: { value: `not base64 ${value}` } }))
    await assert.rejects(
      client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { value } } as never),
    )
    await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
    const request = { spec: { audiences: [defaultIssuer] } } as unknown as KubeObject
    const asked = await client.create(serviceAccounts, { ...request, metadata }, { subresource: 'token' })
    const { token } = (asked as unknown as { status: { token: string } }).status
    const forged = `${token.slice(0, -6)}AAAAAA`
    const elsewhere = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"https://127.0.0.1:1"}').toString('base64url')}.c2lnbmF0dXJlLW9mLWVsc2V3aGVyZQ`
    for (const [bearer, path] of [
      [token, '/api/v1/namespaces/default/secrets'],
      [forged, '/api/v1/pods'],
      [elsewhere, '/api/v1/pods'],
      ['opaque-token-of-jane', `/api/v1/pods?fieldSelector=spec.nodeName%3Dx`],
    ] as const) {
      const other = httpTransport({ ...shared, token: bearer })
      await assert.rejects(other.request({ method: 'GET', path }))
      await other.close()
    }
    const text = lines.join('\n') + metrics.text()
    assert.match(text, /unable to authenticate the request/)
    for (const hidden of [
      value,
      Buffer.from(value).toString('base64').slice(0, 12),
      token.split('.')[2]!,
      forged.split('.')[2]!.slice(0, 40),
      'c2lnbmF0dXJlLW9mLWVsc2V3aGVyZQ',
      'opaque-token-of-jane',
      encryptionKey.slice(0, 16),
      'top-secret-key',
      pki.encryptionKey.toString('base64').slice(0, 16),
      'PRIVATE KEY',
    ])
      assert.ok(!text.includes(hidden), `the log holds ${hidden}`)
  } finally {
    await transport.close()
    await server.stop()
    await access.stop()
    await store.close()
    await pki.serviceAccountKeys
    rmSync(folder, { recursive: true })
  }
})
