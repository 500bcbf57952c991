import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { kubeApiserverBinary } from '../../cluster/handover/kube-apiserver.fixture.ts'
import { systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { refusals } from './refusals.fixture.ts'

const binary = kubeApiserverBinary()
const folder = mkdtempSync(join(tmpdir(), 'skiff-upstream-refusals-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('kube-apiserver refuses these flags in these words', {
  skip: binary === undefined && 'the conformance kit with kube-apiserver is not built on this machine',
}, async () => {
  const pki = createPki({ folder, clock: systemClock })
  await pki.serviceAccountKeys
  const serving = pki.apiServer(['127.0.0.1'])
  const usual = [
    '--etcd-servers=http://127.0.0.1:1',
    '--bind-address=127.0.0.1',
    `--secure-port=${await freePort()}`,
    '--advertise-address=192.0.2.1',
    `--client-ca-file=${folder}/ca.crt`,
    `--tls-cert-file=${serving.certificateFile}`,
    `--tls-private-key-file=${serving.privateKeyFile}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${folder}/sa.pub`,
    `--service-account-signing-key-file=${folder}/sa.key`,
    '--service-cluster-ip-range=10.96.0.0/16',
  ]
  for (const [flags, sentence] of refusals) {
    const { status, stderr } = spawnSync(binary!, [...usual, ...flags.split(' ')], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    const failed = /"command failed" err=("(?:[^"\\]|\\.)*")/.exec(stderr)?.[1]
    const told = failed === undefined ? /^Error: (.*)$/m.exec(stderr)?.[1] : (JSON.parse(failed) as string)
    assert.deepEqual([status, told], [1, sentence], flags)
  }
})
