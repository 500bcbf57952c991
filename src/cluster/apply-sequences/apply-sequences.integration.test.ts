import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { httpTransport } from '../../client/http/http-transport.ts'
import { systemClock } from '../../machinery/clock.ts'
import { etcdBinary, startEtcd } from '../../store/etcd/etcd-server.ts'
import { freePort } from '../../machinery/free-port.ts'
import { kubeApiserverBinary, startKubeApiserver } from '../handover/kube-apiserver.fixture.ts'
import { keepAnswers, kept, upstreamAnswers } from './answers.fixture.ts'
import { runSequence } from './run-sequence.fixture.ts'
import { sendOver, serveThings } from './send.fixture.ts'

const etcd = etcdBinary()
const binary = kubeApiserverBinary()
const skip =
  etcd !== undefined && binary !== undefined
    ? false
    : 'the conformance kit with etcd and kube-apiserver is not built on this machine'

/** RECORD=1 writes them down anew. */
test('the answers to sequences of writes that we keep are kube-apiserver’s', { skip, timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-apply-'))
  const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  const store = await startEtcd(etcd!)
  const port = await freePort()
  let stop = async () => {}
  try {
    const options = { binary: binary!, pki, folder, etcd: store.endpoint, port, serviceRange: '10.96.0.0/16' }
    stop = await startKubeApiserver({ ...options, issuer: 'https://kubernetes.default.svc' })
    const { certificatePem: cert, privateKeyPem: key } = pki.admin()
    const transport = httpTransport({
      server: `https://127.0.0.1:${port}`,
      ca: pki.clusterAuthority.certificatePem,
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
  } finally {
    await stop()
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
