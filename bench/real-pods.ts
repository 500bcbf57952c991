/**
 * How long a real pod takes from its creation until a watch says Running, on one containerd node that this starts and ends:
 * `./scripts/with-node bench/real-pods.ts [ONE_BY_ONE] [AT_ONCE]`, as root. The image is there already.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceAccounts } from '../src/api/core/v1/service-account.ts'
import { pods } from '../src/api/core/v1/pod.ts'
import type { Pod } from '../src/api/types.generated.ts'
import { parseKubeconfig } from '../src/cli/kubeconfig/user-kubeconfig.ts'
import type { Client } from '../src/client/client.ts'
import { createClient } from '../src/client/create-client.ts'
import { httpTransport } from '../src/client/http/http-transport.ts'
import { sandboxImage } from '../src/cluster/node/agent-config.ts'
import { pause, systemClock } from '../src/machinery/clock.ts'

const oneByOne = Number(process.argv[2] ?? 50)
const atOnce = Number(process.argv[3] ?? 20)
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'skiff-pods-'))
const kubeconfig = join(folder, 'kubeconfig')
const cluster = ['--data-dir', join(folder, 'data')]
const port = String(26_500 + (process.pid % 400))

function skiff(...args: string[]): void {
  const { status, stderr } = spawnSync(join(root, 'skiff'), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`skiff ${args[0]}: ${stderr.trim()}`)
}

interface Config {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[]
  readonly users: readonly { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

function connect(): Client {
  const config = parseKubeconfig(readFileSync(kubeconfig, 'utf8')) as unknown as Config
  const { cluster: to } = config.clusters[0]!
  const { user } = config.users[0]!
  const pem = (data: string) => Buffer.from(data, 'base64').toString()
  return createClient(
    httpTransport({
      server: to.server,
      ca: pem(to['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
      userAgent: 'bench',
      clock: systemClock,
    }),
  )
}

async function measure(client: Client): Promise<void> {
  const running = new Map<string, () => void>()
  const events = await client.watch(pods, { namespace: 'default' })
  void (async () => {
    for await (const { object } of events) {
      const { metadata, status } = object as Pod
      if (status.phase === 'Running') running.get(metadata.name!)?.()
    }
  })()
  const start = async (name: string): Promise<number> => {
    const seen = new Promise<void>((resolve) => running.set(name, resolve))
    const begin = performance.now()
    await client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [{ name: 'main', image: sandboxImage, imagePullPolicy: 'Never' }],
      },
    } as unknown as Pod)
    await seen
    return performance.now() - begin
  }
  while ((await client.list(serviceAccounts, { namespace: 'default' })).items.length === 0) await pause(systemClock, 20)
  const single: number[] = []
  for (let index = 0; index < oneByOne; index++) {
    single.push(await start(`one-${index}`))
    await client.delete(pods, { namespace: 'default', name: `one-${index}` }, { gracePeriodSeconds: 0 })
  }
  const together = await Promise.all(Array.from({ length: atOnce }, (_, index) => start(`many-${index}`)))
  const at = (times: readonly number[], share: number) =>
    Math.round(times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1]!)
  console.log(
    JSON.stringify({
      one_p50_ms: at(single, 0.5),
      one_p99_ms: at(single, 0.99),
      many_p50_ms: at(together, 0.5),
      many_p99_ms: at(together, 0.99),
    }),
  )
}

try {
  skiff('up', '--detach', '--runtime', 'containerd', ...cluster, '--kubeconfig', kubeconfig, '--port', port)
  const client = connect()
  await measure(client)
} finally {
  skiff('reset', ...cluster)
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
