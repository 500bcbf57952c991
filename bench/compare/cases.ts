import { existsSync } from 'node:fs'
import {
  cpuSeconds,
  forgetPeak,
  peakMiB,
  pssMiB,
  script,
  skiffServer,
  writtenBytes,
  type kload,
  type Server,
} from './server.ts'

type Load = ReturnType<typeof kload>

/** One row of the table: what is measured, its bar, and how. Runs on a server that has just started. */
export interface Case {
  readonly name: string
  readonly unit: string
  /** The bar of docs/design/performance: a limit, or a multiple of upstream. */
  readonly bar: string
  /** Whether a smaller figure is the better one. */
  readonly lessIsBetter: boolean
  /** NaN: nothing to measure. */
  readonly measure: (server: Server, load: Load, startMs: number) => number | Promise<number>
}

/** A figure that only Skiff has, or that is measured beside the server that runs. */
const skiffOnly =
  (measure: () => number): Case['measure'] =>
  ({ name }) =>
    name === 'skiff' ? measure() : Number.NaN

const needsRoot = (): void => {
  if (process.getuid?.() !== 0) throw new Error('needs root')
}

/** One run for several rows. */
function once(measure: (server: Server, load: Load) => Record<string, number>): typeof measure {
  const made = new WeakMap<Server, Record<string, number>>()
  return (server, load) => {
    const figures = made.get(server) ?? measure(server, load)
    made.set(server, figures)
    return figures
  }
}

/**
 * A Deployment of 1,000. For Skiff on twenty simulated nodes of its own, whose kubelets run in its process; for upstream kload
 * plays the kubelets, which costs the servers less.
 */
const deployment = once((server, load) => {
  const flags = ['-n', '1000', '-ns', 'kloaddeploy']
  if (server.name === 'upstream') return load(server, 'deploy', '-nodes', '100', ...flags)
  const own = skiffServer({ nodes: 20, port: 26_000 + (process.pid % 900) })
  own.start()
  try {
    return load(own, 'deploy', '-nodes', '0', ...flags)
  } finally {
    own.stop()
  }
})

const fan = once((server, load) =>
  load(server, 'fan', '-c', '1000', '-rate', '100', '-s', '10', '-objects', '10', '-ns', 'kloadfan'),
)

const realPods = once(() => {
  needsRoot()
  if (!existsSync('/usr/bin/containerd') && process.env['CONTAINERD'] === undefined) throw new Error('needs containerd')
  return JSON.parse(script('real-pods.ts', [])) as Record<string, number>
})

const idleSeconds = 20
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** In the order in which they run: what needs an empty or an idle server comes first. */
export const cases: readonly Case[] = [
  {
    name: 'cold start to /readyz',
    unit: 'ms',
    bar: '< 1000',
    lessIsBetter: true,
    measure: (_server, _load, startMs) => startMs,
  },
  {
    name: 'idle memory (PSS)',
    unit: 'MiB',
    bar: '< 150',
    lessIsBetter: true,
    async measure(server) {
      await wait(10)
      return pssMiB(server.pids)
    },
  },
  {
    name: 'idle CPU',
    unit: '%',
    bar: '< 1',
    lessIsBetter: true,
    async measure(server) {
      const before = cpuSeconds(server.pids)
      await wait(idleSeconds)
      return ((cpuSeconds(server.pids) - before) / idleSeconds) * 100
    },
  },
  {
    name: 'idle disk writes',
    unit: 'KiB/min',
    bar: '≈ 0',
    lessIsBetter: true,
    async measure(server) {
      const before = writtenBytes(server.pids)
      await wait(idleSeconds)
      return ((writtenBytes(server.pids) - before) / 1024) * (60 / idleSeconds)
    },
  },
  {
    name: 'creates, 10 workers',
    unit: '/s',
    bar: '≥ 2 × upstream',
    lessIsBetter: false,
    measure: (server, load) => load(server, 'create', '-n', '4000', '-c', '10')['per_s']!,
  },
  {
    name: 'creates, 64 workers',
    unit: '/s',
    bar: '≥ 2 × upstream',
    lessIsBetter: false,
    measure: (server, load) => load(server, 'create', '-n', '6000', '-c', '64', '-ns', 'kload64')['per_s']!,
  },
  {
    name: 'server CPU per create, 64 workers',
    unit: 'ms',
    bar: '≤ 1',
    lessIsBetter: true,
    measure(server, load) {
      const run = load(server, 'create', '-n', '6000', '-c', '64', '-ns', 'kloadcpu')
      return (run['server_cpu_s']! * 1000) / 6000
    },
  },
  {
    name: 'LIST of 10k pods, 1 reader, p50',
    unit: 'ms',
    bar: '≤ 150',
    lessIsBetter: true,
    measure(server, load) {
      load(server, 'create', '-kind', 'pod', '-n', '10000', '-c', '32', '-ns', 'kloadpods')
      return load(server, 'list', '-kind', 'pod', '-n', '10', '-c', '1', '-ns', 'kloadpods')['p50_ms']!
    },
  },
  {
    name: 'memory more for 10 LISTs of them at once',
    unit: 'MiB',
    bar: 'flat',
    lessIsBetter: true,
    measure(server, load) {
      forgetPeak(server.pids)
      const before = peakMiB(server.pids)
      load(server, 'list', '-kind', 'pod', '-n', '20', '-c', '10', '-ns', 'kloadpods')
      return peakMiB(server.pids) - before
    },
  },
  {
    name: 'idle watch, 5,000 over 8 connections',
    unit: 'KiB',
    bar: '≤ 15',
    lessIsBetter: true,
    measure: (server, load) => load(server, 'watch', '-c', '5000', '-rate', '0', '-ns', 'kloadidle')['kib_per_watch']!,
  },
  {
    name: 'deliveries to 1,000 watchers at 100 writes/s',
    unit: '/s',
    bar: '≥ 50,000',
    lessIsBetter: false,
    measure: (server, load) => fan(server, load)['per_s']!,
  },
  {
    name: 'their delay, p99',
    unit: 'ms',
    bar: '< 100',
    lessIsBetter: true,
    measure: (server, load) => fan(server, load)['p99_ms']!,
  },
  {
    name: 'server CPU for a delivery',
    unit: 'µs',
    bar: '–',
    lessIsBetter: true,
    measure: (server, load) => fan(server, load)['server_cpu_us_per_event']!,
  },
  {
    name: 'watch, 100 watchers at 100 writes/s, p99',
    unit: 'ms',
    bar: '< 100',
    lessIsBetter: true,
    measure: (server, load) =>
      load(server, 'watch', '-c', '100', '-rate', '100', '-s', '10', '-ns', 'kloadwatch')['p99_ms']!,
  },
  {
    name: 'create → bound, 1,000 nodes',
    unit: 'pods/s',
    bar: '≥ 500',
    lessIsBetter: false,
    measure: (server, load) =>
      load(server, 'sched', '-nodes', '1000', '-n', '3000', '-c', '32', '-ns', 'kloadsched')['per_s']!,
  },
  {
    name: 'warm restart with more than 10k objects',
    unit: 'ms',
    bar: '< 1500',
    lessIsBetter: true,
    measure: (server) => server.restart(),
  },
  {
    name: 'Deployment 0 → 1,000',
    unit: 's',
    bar: '< 5',
    lessIsBetter: true,
    measure: (server, load) => deployment(server, load)['up_s']!,
  },
  {
    name: 'writes per pod of it, events included',
    unit: '',
    bar: '≤ 6',
    lessIsBetter: true,
    measure: (server, load) => deployment(server, load)['writes_up']! / 1000,
  },
  {
    name: 'its rollout',
    unit: 's',
    bar: '< 8',
    lessIsBetter: true,
    measure: (server, load) => deployment(server, load)['rollout_s']!,
  },
  {
    name: 'real pod → Running seen, one by one, p50',
    unit: 'ms',
    bar: '< 1000',
    lessIsBetter: true,
    measure: (server, load) => (server.name === 'skiff' ? realPods(server, load)['one_p50_ms']! : Number.NaN),
  },
  {
    name: 'real pod → Running seen, 20 at once, p99',
    unit: 'ms',
    bar: '< 5000',
    lessIsBetter: true,
    measure: (server, load) => (server.name === 'skiff' ? realPods(server, load)['many_p99_ms']! : Number.NaN),
  },
  {
    name: 'one service changed of 5,000, p50',
    unit: 'ms',
    bar: '< 100',
    lessIsBetter: true,
    measure: skiffOnly(() => {
      needsRoot()
      return Number(/changed: p50 (\d+)/.exec(script('proxy-change.ts', [], ['unshare', '--net']))![1])
    }),
  },
  {
    name: 'DNS, one core',
    unit: 'queries/s',
    bar: '≥ 30,000',
    lessIsBetter: false,
    measure: skiffOnly(() => Number(/^(\d+)/.exec(script('dns.ts', []))![1])),
  },
]
