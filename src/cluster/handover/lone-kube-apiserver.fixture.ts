import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { etcdBinary, startEtcd } from '../../store/etcd/etcd-server.ts'
import { kubeApiserverBinary, startKubeApiserver } from './kube-apiserver.fixture.ts'

/** Why upstream's API server cannot be asked here; false: it can. */
export const upstreamSkip: string | false =
  etcdBinary() !== undefined && kubeApiserverBinary() !== undefined
    ? false
    : 'the conformance kit with etcd and kube-apiserver is not built on this machine'

/** Upstream's API server with an etcd and a folder of its own, which end with it. */
export interface LoneKubeApiserver extends AsyncDisposable {
  readonly port: number
  readonly pki: Pki
  /** Ends the server, not what it stored. */
  stop(): Promise<void>
}

export async function startLoneKubeApiserver(flags: readonly string[] = []): Promise<LoneKubeApiserver> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-upstream-'))
  const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  const store = await startEtcd(etcdBinary()!)
  const port = await freePort()
  const end = async () => {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const stop = await startKubeApiserver({
      binary: kubeApiserverBinary()!,
      pki,
      folder,
      etcd: store.endpoint,
      port,
      serviceRange: '10.96.0.0/16',
      issuer: 'https://kubernetes.default.svc',
      flags,
    })
    return {
      port,
      pki,
      stop,
      async [Symbol.asyncDispose]() {
        await stop()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
