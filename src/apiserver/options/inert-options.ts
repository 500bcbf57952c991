import type { ServerOption } from './server-options.ts'

/** A flag of kube-apiserver's that may be given and changes nothing. */
export interface InertOption extends ServerOption {
  /** Why it changes nothing is its summary. This is the only value that is true of this server; others are refused. */
  readonly only?: string | boolean
  /** What upstream says of a value that it refuses. */
  readonly problem?: (value: never) => string | undefined
}

const boolean = (summary: string, only?: boolean): InertOption => ({ type: 'boolean', summary, only })
const number = (summary: string): InertOption => ({ type: 'number', summary })
const duration = (summary: string, problem?: (seconds: number) => string | undefined): InertOption => ({
  type: 'duration',
  summary,
  problem,
})
const notNegative =
  (sentence: string) =>
  (seconds: number): string | undefined =>
    seconds < 0 ? sentence : undefined

const noProfiles = 'There are no profiles under /debug/pprof.'
const elects = 'Candidates elect their leader by themselves, as without the feature CoordinatedLeaderElection.'
const asked = 'The store tells what it holds when it is asked.'
const answers = 'Health asks the store with the time that a request has.'

export const inertOptions: Readonly<Record<string, InertOption>> = {
  'aggregator-reject-forwarding-redirect': boolean('Redirects of extension API servers are not handed on.', true),
  'contention-profiling': boolean(noProfiles),
  profiling: boolean(noProfiles),
  'coordinated-leadership-lease-duration': duration(elects),
  'coordinated-leadership-renew-deadline': duration(elects),
  'coordinated-leadership-retry-period': duration(elects),
  'default-watch-cache-size': number('Caches of watches have the size that they need; upstream ignores it too.'),
  'enable-aggregator-routing': boolean('Extension API servers are reached at their endpoints in any case.'),
  'enable-garbage-collector': boolean('Deletions tell the garbage collector in any case.', true),
  'etcd-count-metric-poll-period': duration(asked),
  'etcd-db-metric-poll-interval': duration(asked),
  'etcd-healthcheck-timeout': duration(answers),
  'etcd-readycheck-timeout': duration(answers),
  'kubelet-timeout': duration('A call of a kubelet may take as long as the request that it is made for.'),
  'lease-reuse-duration-seconds': number('Leases of etcd are shared by what ends at about the same time.'),
  'livez-grace-period': duration(
    'The server is alive as soon as it listens.',
    notNegative('--livez-grace-period can not be a negative value'),
  ),
  'log-flush-frequency': duration('The log is written at once.', (seconds) =>
    seconds <= 0 ? 'flushFrequency: Invalid value: must be greater than zero' : undefined,
  ),
  'logging-format': {
    type: 'text',
    summary: 'The log is text.',
    only: 'text',
    problem: (format: string) =>
      format === 'text' || format === 'json'
        ? undefined
        : `format: Invalid value: ${JSON.stringify(format)}: Unsupported log format`,
  },
  'permit-address-sharing': boolean('Addresses are shared in any case (SO_REUSEADDR).'),
  'service-account-lookup': boolean('Tokens of service accounts that are gone are never believed.', true),
  'storage-backend': {
    type: 'text',
    summary: 'An etcd is spoken to as etcd3.',
    problem: (backend: string) =>
      backend === '' || backend === 'etcd3'
        ? undefined
        : "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
  },
  'storage-initialization-timeout': duration(
    'The server listens once its store is open.',
    notNegative('--storage-initialization-timeout can not be negative value'),
  ),
  'watch-cache': boolean('Watches are served from memory in any case.', true),
  'watch-cache-sizes': {
    type: 'list',
    summary: 'Caches of watches have the size that they need.',
    placeholder: 'RESOURCE#SIZE',
    problem: sizeProblem,
  },
}

/** apiserver pkg/server/options/etcd.go, ParseWatchCacheSizes. */
function sizeProblem(sizes: readonly string[]): string | undefined {
  for (const text of sizes) {
    const [, size, ...more] = text.split('#')
    if (size === undefined || more.length > 0) return `invalid value of watch cache size: ${text}`
    if (!/^-?\d+$/.test(size)) return `invalid size of watch cache size: ${text}`
    if (Number(size) < 0) return `watch cache size cannot be negative: ${text}`
  }
  return undefined
}

/** What is wrong with what was given; undefined: nothing. */
export function inertProblem(name: string, value: unknown): string | undefined {
  const { only, problem, summary } = inertOptions[name]!
  const told = problem?.(value as never)
  if (told !== undefined) return told
  if (only === undefined || only === value) return undefined
  return `--${name}=${String(value)} is not done here: ${summary}`
}
