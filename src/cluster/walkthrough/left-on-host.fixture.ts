import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseNetDevices } from '../machine/machine-host.ts'

/**
 * What a cluster of this folder has on the host besides its data: processes, mounts, links, rules, control groups, its
 * name in the ledger. Empty after `skiff down` and after a start that failed. `bridge`: as settings.json tells.
 */
export function leftOnHost(dataDir: string, bridge: string | undefined): string[] {
  return [...processes(dataDir), ...mounts(dataDir), ...(bridge === undefined ? [] : named(bridge))]
}

/** The bridge of the cluster in this folder; undefined: it never got as far as to have one. */
export function bridgeOf(dataDir: string): string | undefined {
  const file = join(dataDir, 'settings.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { network: { bridge: string } }).network.bridge
}

const numbered = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)

/** Text of a file of /proc; empty when the process has gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The launcher that a test itself runs does not count, nor does the shell that runs the test. */
function processes(dataDir: string): string[] {
  return numbered()
    .map((pid) => ({ pid, words: read(`/proc/${pid}/cmdline`).split('\0') }))
    .filter(({ words }) => words.some((word) => word.startsWith(dataDir)))
    .map(({ pid, words }) => `process ${pid}: ${words.join(' ').slice(0, 120)}`)
}

/** Of every mount namespace that has a process. */
function mounts(dataDir: string): string[] {
  const seen = new Map(numbered().map((pid) => [read(`/proc/${pid}/mountinfo`), pid]))
  return [...seen].flatMap(([text, pid]) =>
    text
      .split('\n')
      .filter((line) => line.includes(dataDir))
      .map((line) => `mount of process ${pid}: ${line.split(' ')[4]}`),
  )
}

function named(bridge: string): string[] {
  const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' })
  const filters = execFileSync('iptables', ['-w', '-S', 'FORWARD'], { encoding: 'utf8' })
  const groups = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => (name.startsWith(`${bridge}-`) ? [name] : readdirSync(`/sys/fs/cgroup/${name}`)))
  return [
    ...parseNetDevices(read('/proc/net/dev')).filter((name) => name === bridge || name.startsWith(`${bridge}-`)),
    ...tables.split('\n').filter((line) => line.split(/[ -]/).includes(bridge)),
    ...filters.split('\n').filter((line) => line.includes(`--comment ${bridge} `)),
    ...new Set(groups.filter((name) => name.startsWith(`${bridge}-`)).map((name) => `cgroup ${name}`)),
    ...(existsSync(`/run/skiff/tenants/${bridge}`) ? [`/run/skiff/tenants/${bridge}`] : []),
  ]
}
