import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'

/** An etcd of a test's own, on loopback, in a temporary folder. */
export interface EtcdServer {
  readonly endpoint: string
  readonly version: string
  /** Ends it without a word, as a power cut does to the network's other end; `start` brings it back with its data. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** The conformance kit's etcd, else the system's. */
export function etcdBinary(): string | undefined {
  return [join(homedir(), '.cache/k8s-conformance-kit/bin/etcd'), '/usr/bin/etcd', '/usr/local/bin/etcd'].find(
    existsSync,
  )
}

export async function startEtcd(binary: string): Promise<EtcdServer> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-etcd-'))
  const endpoint = `http://127.0.0.1:${await freePort()}`
  const peer = `http://127.0.0.1:${await freePort()}`
  const flags = {
    'data-dir': folder,
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'log-level': 'fatal',
  }
  let child: ChildProcess | undefined
  const start = async () => {
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
    child = spawn(binary, args, {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, ETCD_UNSUPPORTED_ARCH: process.arch },
    })
    for (let attempt = 0; ; attempt++) {
      const version = await fetch(`${endpoint}/version`).then(
        (answer) => answer.json() as Promise<{ etcdserver: string }>,
        () => undefined,
      )
      const health =
        version &&
        (await fetch(`${endpoint}/health`).then(
          (answer) => answer.ok,
          () => false,
        ))
      if (version && health) return version.etcdserver
      if (attempt > 300 || child.exitCode !== null) throw new Error(`${binary} does not start`)
      await sleep(systemClock, 50)
    }
  }
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await new Promise((resolve) => child!.once('close', resolve))
  }
  const version = await start()
  return {
    endpoint,
    version,
    kill,
    start: async () => {
      await start()
    },
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}
