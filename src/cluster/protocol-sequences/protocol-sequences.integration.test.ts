import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { etcdBinary, startEtcd } from '../../store/etcd/etcd-server.ts'
import { kubeApiserverBinary, startKubeApiserver } from '../handover/kube-apiserver.fixture.ts'
import { keepAnswers, keyOf, upstreamAnswers } from './answers.fixture.ts'
import type { Told } from './exchange.fixture.ts'
import { profiles } from './profiles.fixture.ts'
import { Asker } from './send.fixture.ts'
import { flagsOf } from './start.fixture.ts'

const etcd = etcdBinary()
const binary = kubeApiserverBinary()
const skip =
  etcd !== undefined && binary !== undefined
    ? false
    : 'the conformance kit with etcd and kube-apiserver is not built on this machine'

/** RECORD=1 writes them down anew. */
test('the answers to requests that we keep are kube-apiserver’s', { skip, timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-protocol-'))
  const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  const answers = new Map<string, readonly Told[]>()
  try {
    for (const profile of profiles) {
      const store = await startEtcd(etcd!)
      const own = join(folder, profile.name)
      mkdirSync(own)
      let stop = async () => {}
      try {
        const port = await freePort()
        stop = await startKubeApiserver({
          binary: binary!,
          pki,
          folder: own,
          etcd: store.endpoint,
          port,
          serviceRange: '10.96.0.0/16',
          issuer: 'https://kubernetes.default.svc',
          flags: flagsOf(profile.flags),
        })
        const asker = new Asker(port, pki, { stop: () => void stop() })
        const waiting = [...profile.sequences]
        const worker = async () => {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            answers.set(keyOf(profile, next.name), await asker.run(next))
          }
        }
        await Promise.all(Array.from({ length: 8 }, worker))
        await asker.close()
      } finally {
        await stop()
        await store.stop()
      }
    }
    const inOrder = new Map(
      profiles.flatMap((profile) =>
        profile.sequences.map(({ name }) => [keyOf(profile, name), answers.get(keyOf(profile, name))!] as const),
      ),
    )
    if (process.env['RECORD'] === '1') keepAnswers(inOrder)
    assert.deepEqual(inOrder, upstreamAnswers())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
