import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { openServer } from '../open-server.fixture.ts'
import { protocolOptions } from '../options/protocol-options.ts'
import { createPki } from '../pki/pki.ts'

test('by chance a request is the last one of its connection, and is answered nevertheless', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-goaway-'))
  const pki = createPki({ folder, clock: systemClock })
  const { certificatePem: cert, privateKeyPem: key } = pki.apiServer(['127.0.0.1'])
  await using open = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: { cert, key },
    // More than the flag lets anyone have.
    protocol: { ...protocolOptions({}), goawayChance: 1 },
  })
  const session = connect(open.server.address, { ca: pki.clusterAuthority.certificatePem })
  const goneAway = once(session, 'goaway')
  const stream = session.request({ ':path': '/healthz' })
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(stream, 'end')
  assert.equal(text, 'ok')
  const [code] = await goneAway
  assert.equal(code, 0)
  if (!session.closed) await once(session, 'close')
  session.destroy()
  rmSync(folder, { recursive: true, force: true })
})
