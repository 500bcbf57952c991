import { readFileSync, readdirSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import type { Clock } from './clock.ts'
import type { MetricsRegistry } from './metrics.ts'

/** As what a process is known: the release whose behaviour it has, and what it was made of. */
export interface BuildInfo {
  readonly major: string
  readonly minor: string
  readonly gitVersion: string
  readonly minCompatibilityMajor: string
  readonly minCompatibilityMinor: string
  readonly emulationMajor: string
  readonly emulationMinor: string
  readonly gitCommit: string
  readonly gitTreeState: string
  readonly buildDate: string
  readonly goVersion: string
  readonly compiler: string
  readonly platform: string
}

/** What every part tells of its process and its version (component-base metrics, prometheus' process collector). */
export function addProcessMetrics(metrics: MetricsRegistry, clock: Clock, build: BuildInfo): void {
  addVersions(metrics, build)
  addStartTime(metrics, clock)
  const gauges: readonly (readonly [string, string, 'gauge' | 'counter', () => number])[] = [
    ['open_fds', 'Files and sockets that are open.', 'gauge', () => countOf('/proc/self/fd')],
    ['max_fds', 'How many files and sockets may be open.', 'gauge', () => limitOf('Max open files')],
    ['resident_memory_bytes', 'Memory that the process occupies.', 'gauge', () => memoryUsage.rss()],
    ['virtual_memory_bytes', 'Addresses that the process has taken.', 'gauge', virtualBytes],
    [
      'virtual_memory_max_bytes',
      'How many addresses the process may take.',
      'gauge',
      () => limitOf('Max address space'),
    ],
    ['network_receive_bytes_total', 'Bytes that the network namespace received.', 'counter', () => octets('InOctets')],
    ['network_transmit_bytes_total', 'Bytes that the network namespace sent.', 'counter', () => octets('OutOctets')],
    [
      'cpu_seconds_total',
      'Time of processors that the process used.',
      'counter',
      () => {
        const { user, system } = process.cpuUsage()
        return (user + system) / 1e6
      },
    ],
  ]
  for (const [name, help, type, read] of gauges) {
    metrics.collect(`process_${name}`, help, type, [], function* () {
      const value = read()
      if (!Number.isNaN(value)) yield [[], value] as const
    })
  }
}

/** Where nothing else is told of the process: since when its counters count. */
export function addStartTime(metrics: MetricsRegistry, clock: Clock): void {
  const seconds = clock.now() / 1000
  metrics.gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.').labels().set(seconds)
}

function addVersions(metrics: MetricsRegistry, build: BuildInfo): void {
  const labels: Readonly<Record<string, string>> = {
    build_date: build.buildDate,
    compiler: build.compiler,
    git_commit: build.gitCommit,
    git_tree_state: build.gitTreeState,
    git_version: build.gitVersion,
    go_version: build.goVersion,
    major: build.major,
    minor: build.minor,
    platform: build.platform,
  }
  const info = metrics.gauge('kubernetes_build_info', 'Always 1; its labels tell the version.', Object.keys(labels))
  info.labels(...Object.values(labels)).set(1)
  const version = metrics.gauge('version_info', 'Always 1; its labels tell the versions that are spoken.', [
    'component',
    'binary',
    'emulation',
    'min_compat',
  ])
  const emulation = `${build.emulationMajor}.${build.emulationMinor}`
  const least = `${build.minCompatibilityMajor}.${build.minCompatibilityMinor}`
  version.labels('kube', build.gitVersion.slice(1), emulation, least).set(1)
}

/** Where there is no /proc, it is not known: NaN. */
function read<Value>(value: () => Value): Value | number {
  try {
    return value()
  } catch {
    return Number.NaN
  }
}
const countOf = (folder: string) => Number(read(() => readdirSync(folder).length))
const virtualBytes = () => Number(read(() => 4096 * Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0])))

/** No limit is the largest number, as in Go. */
function limitOf(name: string): number {
  const limits = String(read(() => readFileSync('/proc/self/limits', 'utf8')))
  const found = new RegExp(`^${name} +(\\w+)`, 'm').exec(limits)?.[1]
  return found === 'unlimited' ? 2 ** 64 : Number(found)
}

/** The two lines of IpExt: names, then values. */
function octets(name: string): number {
  const lines = String(read(() => readFileSync('/proc/self/net/netstat', 'utf8'))).split('\n')
  const [names = '', values = ''] = lines.filter((line) => line.startsWith('IpExt: '))
  return Number(values.split(' ')[names.split(' ').indexOf(name)])
}
