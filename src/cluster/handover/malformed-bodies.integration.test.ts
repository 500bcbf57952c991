import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { test } from 'node:test'
import { answersFile, upstreamAnswers } from '../../apiserver/malformed-bodies/answers.fixture.ts'
import { type Answer, ask } from '../../apiserver/malformed-bodies/ask.fixture.ts'
import { malformed } from '../../apiserver/malformed-bodies/bodies.fixture.ts'
import { victims } from '../../apiserver/malformed-bodies/case.fixture.ts'
import { startLoneKubeApiserver, upstreamSkip } from './lone-kube-apiserver.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers to malformed bodies that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 120_000,
}, async () => {
  await using upstream = await startLoneKubeApiserver()
  const { certificatePem: cert, privateKeyPem: key } = upstream.pki.admin()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ca = upstream.pki.clusterAuthority.certificatePem
  const server = { host: '127.0.0.1', port: upstream.port, ca, cert, key, agent }
  const headers = { 'content-type': 'application/json' }
  for (const { path, object } of victims) {
    await ask(server, { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(object)) })
  }
  const answers: [string, Answer][] = []
  for (const body of malformed) answers.push([body.name, await ask(server, body)])
  agent.destroy()
  if (process.env['RECORD'] === '1') {
    writeFileSync(answersFile, `${answers.map((answer) => JSON.stringify(answer)).join('\n')}\n`)
  }
  assert.deepEqual(new Map(answers), upstreamAnswers())
})
