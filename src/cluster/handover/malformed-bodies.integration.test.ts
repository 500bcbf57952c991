import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { answersFile, upstreamAnswers } from '../../apiserver/malformed-bodies/answers.fixture.ts'
import { type Answer, ask } from '../../apiserver/malformed-bodies/ask.fixture.ts'
import { malformed } from '../../apiserver/malformed-bodies/bodies.fixture.ts'
import { victims } from '../../apiserver/malformed-bodies/case.fixture.ts'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { etcdBinary, startEtcd } from '../../store/etcd/etcd-server.ts'
import { freePort } from '../../machinery/free-port.ts'
import { kubeApiserverBinary, startKubeApiserver } from './kube-apiserver.fixture.ts'

const etcd = etcdBinary()
const binary = kubeApiserverBinary()
const skip =
  etcd !== undefined && binary !== undefined
    ? false
    : 'the conformance kit with etcd and kube-apiserver is not built on this machine'

/** RECORD=1 writes them down anew. */
test('the answers to malformed bodies that we keep are kube-apiserver’s', { skip, timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-malformed-'))
  const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  const store = await startEtcd(etcd!)
  const port = await freePort()
  let stop = async () => {}
  try {
    const options = { binary: binary!, pki, folder, etcd: store.endpoint, port, serviceRange: '10.96.0.0/16' }
    stop = await startKubeApiserver({ ...options, issuer: 'https://kubernetes.default.svc' })
    const { certificatePem: cert, privateKeyPem: key } = pki.admin()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const server = { host: '127.0.0.1', port, ca: pki.clusterAuthority.certificatePem, cert, key, agent }
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
  } finally {
    await stop()
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
