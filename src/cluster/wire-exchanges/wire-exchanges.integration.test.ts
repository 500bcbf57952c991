import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLoneKubeApiserver, upstreamSkip } from '../handover/lone-kube-apiserver.fixture.ts'
import { keepAnswers, upstreamAnswers } from './answers.fixture.ts'
import { wireCases } from './cases.fixture.ts'
import { clientsOf } from './clients.fixture.ts'
import { runCases } from './send.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers on the wire that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 300_000,
}, async () => {
  await using upstream = await startLoneKubeApiserver()
  const { port, pki } = upstream
  const server = { port, ca: pki.clusterAuthority.certificatePem, clients: clientsOf(pki) }
  if (process.env['RECORD'] === '1') keepAnswers(await runCases(server, wireCases))
  // What is kept is awaited: a busy machine is slow to send it.
  const kept = upstreamAnswers()
  assert.deepEqual(await runCases(server, wireCases, kept), kept)
})
