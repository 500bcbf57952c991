import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseFeatureGates } from '../../api/features/feature-gates.ts'
import { systemClock } from '../../machinery/clock.ts'
import { unauthorized } from '../../machinery/errors.ts'
import { admin, openServer } from '../open-server.fixture.ts'
import { protocolOptions } from '../options/protocol-options.ts'
import { createPki } from '../pki/pki.ts'
import type { ApiServerOptions } from '../server.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-goaway-'))
const pki = createPki({ folder, clock: systemClock })
after(() => rmSync(folder, { recursive: true, force: true }))

/** Asks twice over one connection of HTTP/2: the answers, and whether the first was the connection's last one. */
async function askTwice(options: Partial<ApiServerOptions>): Promise<{ codes: number[]; isLast: boolean }> {
  const { certificatePem: cert, privateKeyPem: key } = pki.apiServer(['127.0.0.1'])
  await using open = await openServer({ listen: { addresses: ['127.0.0.1'], port: 0 }, tls: { cert, key }, ...options })
  const session = connect(open.server.address, { ca: pki.clusterAuthority.certificatePem })
  const ask = async () => {
    const stream = session.request({ ':path': '/healthz' })
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
    await once(stream.resume(), 'end')
    return headers[':status']
  }
  let isLast = false
  session.on('goaway', (code) => {
    assert.equal(code, 0)
    isLast = true
  })
  const codes = [await ask()]
  // What is announced comes before anything that is asked later.
  await new Promise((resolve) => (session.closed ? resolve(undefined) : session.ping(resolve)))
  if (isLast && !session.closed) await once(session, 'close')
  if (!isLast) codes.push(await ask())
  session.destroy()
  return { codes, isLast }
}

const by = (authenticate: NonNullable<ApiServerOptions['authentication']>['authenticate']) => ({
  authentication: { authenticate },
})
const anonymous = by(async () => ({ user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } }))

test('by chance a request is the last one of its connection, and is answered nevertheless', async () => {
  // More than the flag lets anyone have.
  const protocol = { ...protocolOptions({}), goawayChance: 1 }
  assert.deepEqual(await askTwice({ protocol }), { codes: [200], isLast: true })
})

test('security.md, transport exhaustion: whoever is nobody has one request of each connection (CVE-2023-44487)', async () => {
  assert.deepEqual(await askTwice(anonymous), { codes: [200], isLast: true })
  const nobody = by(() => Promise.reject(unauthorized()))
  assert.deepEqual(await askTwice(nobody), { codes: [401], isLast: true })
  assert.deepEqual(await askTwice(by(async () => ({ user: admin }))), { codes: [200, 200], isLast: false })
})

test('where the feature is off nobody’s connections last as everybody’s', async () => {
  const features = parseFeatureGates(['UnauthenticatedHTTP2DOSMitigation=false'])
  assert.deepEqual(await askTwice({ ...anonymous, features }), { codes: [200, 200], isLast: false })
})
