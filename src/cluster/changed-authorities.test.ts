import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { configMaps } from '../api/core/v1/config-map.ts'
import type { IssuedCertificate } from '../apiserver/pki/issued-certificate.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { startOurs } from './protocol-sequences/start.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-authorities-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const clock = systemClock

test('a changed --client-ca-file counts in a running server, and extension API servers are told', async () => {
  const [before, later] = ['before', 'later'].map((name) => createPki({ folder: join(folder, name), clock })) as [
    ReturnType<typeof createPki>,
    ReturnType<typeof createPki>,
  ]
  const file = join(folder, 'clients.crt')
  copyFileSync(before.clusterAuthority.certificateFile, file)
  const pki = createPki({ folder: join(folder, 'own'), clock, given: { clientAuthorityFile: file } })
  const server = await startOurs(pki, {}, clock)
  try {
    const statusOf = (certificate: IssuedCertificate): Promise<number> =>
      new Promise((resolve, reject) => {
        const identity = { cert: certificate.certificatePem, key: certificate.privateKeyPem }
        const ca = pki.clusterAuthority.certificatePem
        get(
          { host: '127.0.0.1', port: server.port, path: '/api/v1/nodes', ca, agent: false, ...identity },
          (answer) => {
            answer.resume()
            resolve(answer.statusCode ?? 0)
          },
        ).on('error', reject)
      })
    assert.equal(await statusOf(before.admin()), 200)
    assert.equal(await statusOf(later.admin()), 401)
    copyFileSync(later.clusterAuthority.certificateFile, file)
    const where = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }
    const wanted = later.clusterAuthority.certificatePem.trim()
    for (let attempt = 0; ; attempt++) {
      const { data } = await server.client.get(configMaps, where)
      if (data?.['client-ca-file']?.includes(wanted) === true) break
      assert.ok(attempt < 200, 'nobody is told')
      await sleep(clock, 25)
    }
    assert.equal(await statusOf(later.admin()), 200)
    assert.equal(await statusOf(before.admin()), 401)
    assert.equal(await statusOf(pki.admin()), 200)
  } finally {
    await server.stop()
  }
})
