import { cpuSeconds, pssMiB, writtenBytes, type kload, type Server } from './server.ts'

type Load = ReturnType<typeof kload>

/** One row of the table: what is measured, its bar, and how. Runs on a server that has just started. */
export interface Case {
  readonly name: string
  readonly unit: string
  /** The bar of docs/design/performance: a limit, or a multiple of upstream. */
  readonly bar: string
  /** Whether a smaller figure is the better one. */
  readonly lessIsBetter: boolean
  readonly measure: (server: Server, load: Load, startMs: number) => number | Promise<number>
}

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
    measure: (server) => pssMiB(server.pids),
  },
  {
    name: 'idle CPU',
    unit: '%',
    bar: '< 1',
    lessIsBetter: true,
    async measure(server) {
      await wait(10)
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
]
