import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../../machinery/free-port.ts'
import { findKubectl, testCluster, type TestCluster } from '../test-cluster.fixture.ts'
import { webImage } from '../web-image.fixture.ts'
import { outputMatches, readSnippets, type SnippetCommand } from './read-snippets.fixture.ts'

/**
 * Runs what the documents tell users to run (blocks marked `sh test` and `console test`, see read-snippets.fixture.ts) on one
 * real cluster, each document in a namespace and a folder of its own. `SNIPPETS=network,data` runs only these documents.
 */
const root = join(import.meta.dirname, '../../../..')
const possible = process.platform === 'linux' && process.getuid?.() === 0
if (!possible && process.env['CI'] === 'true') throw new Error('CI must be able to run real containers')
const options = possible ? {} : { skip: 'real containers need root on Linux' }

/** The public images that the documents use. Stand-ins are built here under their names, so that no registry is needed. */
const images = [
  'registry.k8s.io/e2e-test-images/busybox:1.37.0-2',
  'docker.io/library/nginx:1.28',
  'docker.io/library/nginx:1.29',
]
const secondsPerCommand = 120

const only = process.env['SNIPPETS']?.split(',')
const documents = ['README.md', 'README.zh-CN.md', ...globSync('docs/*.md', { cwd: root }).toSorted()]
  .filter((path) => only === undefined || only.includes(basename(path, '.md')))
  .map((path) => ({ path, snippets: readSnippets(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ snippets }) => snippets.length > 0)

let cluster: TestCluster

before(async () => {
  if (!possible) return
  if (!existsSync('/bin/busybox'))
    execFileSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq busybox-static'], { stdio: 'ignore' })
  cluster = testCluster()
  await cluster.skiff('up', '--detach', '--port', String(await freePort()), '--kubeconfig', cluster.kubeconfig)
  const imageFolder = webImage(join(cluster.folder, 'image'), '1')
  for (const image of images) await cluster.skiff('image', 'build', '--tag', image, imageFolder)
  const bin = join(cluster.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(
    execFileSync('sh', ['-c', `command -v ${findKubectl()}`], { encoding: 'utf8' }).trim(),
    join(bin, 'kubectl'),
  )
  symlinkSync(process.execPath, join(bin, 'node'))
  writeFileSync(join(bin, 'skiff'), `#!/bin/sh\nexec '${join(root, 'skiff')}' "$@"\n`, { mode: 0o755 })
})
after(async () => {
  await cluster?.remove()
})

suite('documents do what they say', { concurrency: 2 }, () => {
  for (const { path, snippets } of documents) {
    test(path, options, async () => {
      const place = await openPlace(basename(path, '.md').toLowerCase().replaceAll('.', '-'))
      try {
        for (const snippet of snippets) for (const command of snippet.commands) await check(path, command, place)
      } finally {
        await place.close()
      }
    })
  }
})

interface Place {
  readonly folder: string
  readonly kubeconfig: string
  /** Ports that the document names → what they stand for. */
  readonly ports: Map<string, number>
  /** Groups of the processes that its snippets started; some go on behind them. */
  readonly groups: number[]
  close(): Promise<void>
}

/** A namespace and a folder for one document. Clusters that it starts keep their data in that folder and end with it. */
async function openPlace(name: string): Promise<Place> {
  const namespace = `doc-${name}`
  const folder = join(cluster.folder, namespace)
  const kubeconfig = join(cluster.folder, `${namespace}.conf`)
  mkdirSync(folder)
  writeFileSync(kubeconfig, readFileSync(cluster.kubeconfig))
  await cluster.kubectl('create', 'namespace', namespace)
  await cluster.kubectl('--kubeconfig', kubeconfig, 'config', 'set-context', '--current', '--namespace', namespace)
  const groups: number[] = []
  return {
    folder,
    kubeconfig,
    ports: new Map(),
    groups,
    async close() {
      for (const group of groups) endGroup(group)
      for (const file of globSync('*/state.json', { cwd: folder }))
        await cluster.skiff('reset', '--data-dir', join(folder, file, '..')).catch(() => {})
      rmSync(folder, { recursive: true, force: true })
      await cluster.kubectl('delete', 'namespace', namespace, '--wait=false')
    },
  }
}

async function check(path: string, { line, text, output }: SnippetCommand, place: Place): Promise<void> {
  const { code, printed } = await runShell(await onFreePorts(text, place), place)
  if (code !== 0)
    assert.fail(
      `${path}:${line} failed (${code}):\n${text}\n--- printed:\n${printed}\n--- then:\n${await state(place)}`,
    )
  if (output !== undefined)
    assert.ok(
      outputMatches(output, printed),
      `${path}:${line} printed something else:\n${text}\n--- wanted:\n${output.join('\n')}\n--- printed:\n${printed}`,
    )
}

/** What the cluster and its parts say after a failure. */
async function state(place: Place): Promise<string> {
  const asked = ['kubectl get pods -o wide', 'kubectl get events', 'skiff status', 'skiff logs | tail -n 60']
  return (await runShell(asked.map((command) => `${command} || true`).join('\n'), place)).printed
}

/** Ports that documents name for what they start may be taken on this machine: each stands for a free one. */
async function onFreePorts(script: string, { ports }: Place): Promise<string> {
  const named = /(?<=--(?:secure-)?port )7\d{3}\b/g
  for (const port of script.match(named) ?? []) if (!ports.has(port)) ports.set(port, await freePort())
  // Named where something starts, and later where it is asked.
  return [...ports].reduce(
    (text, [port, free]) => text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${free}`),
    script.replace(named, (port) => String(ports.get(port))),
  )
}

/** What was printed, with the ports that the document names. */
function withNamedPorts(printed: string, { ports }: Place): string {
  return [...ports].reduce((text, [named, taken]) => text.replaceAll(`:${taken}`, `:${named}`), printed)
}

function runShell(script: string, place: Place): Promise<{ code: number | string; printed: string }> {
  const env = {
    PATH: `${join(cluster.folder, 'bin')}:${process.env['PATH']}`,
    HOME: place.folder,
    KUBECONFIG: place.kubeconfig,
    SKIFF_DATA_DIR: cluster.dataDir,
    // The clone, for documents that use it as a library.
    SKIFF: root,
  }
  return new Promise((resolve) => {
    const limits = { cwd: place.folder, env, timeout: secondsPerCommand * 1000, maxBuffer: 16 * 1024 * 1024 }
    // Expected failures are part of documents, with their text: both streams count.
    const bash = ['bash', '-euo', 'pipefail', '-c', `exec 2>&1\n${script}`]
    const child = execFile('setsid', bash, limits, (error, stdout) =>
      resolve({
        code: error === null ? 0 : error.killed ? `no end in ${secondsPerCommand} s` : (error.code ?? 'killed'),
        printed: withNamedPorts(stdout, place),
      }),
    )
    child.stdin?.end()
    if (child.pid !== undefined) place.groups.push(child.pid)
  })
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader)
  } catch {
    // All of it has ended.
  }
}
