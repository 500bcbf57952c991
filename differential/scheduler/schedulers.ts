import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Server } from '../servers/server.ts'

const kit = process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit')
export const upstreamScheduler = join(kit, 'bin/kube-scheduler')

export interface RunningScheduler {
  readonly log: string
  stop(): Promise<void>
}

/** A kubeconfig of the user of the comparison. */
export function kubeconfigOf(server: Server, file: string): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${server.port}`,
          'certificate-authority-data': base64(server.authorityPem),
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: {
          'client-certificate-data': base64(server.clientCertificatePem),
          'client-key-data': base64(server.clientKeyPem),
        },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** Upstream's, which tells all scores. */
export function startUpstreamScheduler(kubeconfig: string, folder: string, config = ''): RunningScheduler {
  if (!existsSync(upstreamScheduler))
    throw new Error(`there is no ${upstreamScheduler}: conformance/kit/build.sh makes it`)
  const flags = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port=0', '-v=10']
  if (config !== '') flags.push('--config', withKubeconfig(config, kubeconfig))
  return run(upstreamScheduler, flags, join(folder, 'upstream-scheduler.log'))
}

/** Ours, as it comes. */
export function startSkiffScheduler(kubeconfig: string, folder: string, config = ''): RunningScheduler {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const flags = ['scheduler', '--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0']
  if (config !== '') flags.push('--config', withKubeconfig(config, kubeconfig))
  return run(process.execPath, [main, ...flags], join(folder, 'skiff-scheduler.log'))
}

/** Upstream asks the file alone whose API server it works on. */
function withKubeconfig(config: string, kubeconfig: string): string {
  const file = `${kubeconfig}.scheduler`
  writeFileSync(file, `${readFileSync(config, 'utf8')}\nclientConnection:\n  kubeconfig: ${kubeconfig}\n`)
  return file
}

function run(command: string, flags: readonly string[], log: string): RunningScheduler {
  const child = spawn(command, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  const out = createWriteStream(log)
  child.stdout.pipe(out)
  child.stderr.pipe(out)
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  return {
    log,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The final scores of the nodes for a pod, as upstream's log tells them; the newest attempt. */
export function scoresIn(log: string, pod: string): ReadonlyMap<string, number> {
  const scores = new Map<string, number>()
  const line = /"Calculated node's final score for pod" pod="([^"]+)" node="([^"]+)" score=(-?\d+)/g
  for (const [, name, node, score] of readFileSync(log, 'utf8').matchAll(line))
    if (name === pod) scores.set(node!, Number(score))
  return scores
}
