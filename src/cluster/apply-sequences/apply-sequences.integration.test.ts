import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpTransport } from '../../client/http/http-transport.ts'
import { systemClock } from '../../machinery/clock.ts'
import { startLoneKubeApiserver, upstreamSkip } from '../handover/lone-kube-apiserver.fixture.ts'
import { keepAnswers, kept, upstreamAnswers } from './answers.fixture.ts'
import { runSequence } from './run-sequence.fixture.ts'
import { sendOver, serveThings } from './send.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers to sequences of writes that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 120_000,
}, async () => {
  await using upstream = await startLoneKubeApiserver()
  const { certificatePem: cert, privateKeyPem: key } = upstream.pki.admin()
  const transport = httpTransport({
    server: `https://127.0.0.1:${upstream.port}`,
    ca: upstream.pki.clusterAuthority.certificatePem,
    cert,
    key,
    userAgent: 'apply/1',
    clock: systemClock,
  })
  const send = sendOver(transport)
  await serveThings(send)
  const answers = new Map<string, readonly unknown[]>()
  for (const sequence of kept) answers.set(sequence.name, await runSequence(sequence, send))
  await transport.close()
  if (process.env['RECORD'] === '1') keepAnswers(answers)
  assert.deepEqual(answers, upstreamAnswers())
})
