/** A request that is about one of the node's pods: `/exec/NAMESPACE/POD[/UID]/CONTAINER`. */
export interface PodRoute {
  readonly namespace: string
  readonly pod: string
  readonly uid?: string
  readonly container?: string
}

/** What is told below `/metrics`; '': at itself. */
export type MetricsEndpoint = '' | 'resource' | 'cadvisor' | 'probes' | 'slis'
const endpoints: ReadonlySet<string> = new Set(['resource', 'cadvisor', 'probes', 'slis'])

export type Route =
  | { readonly name: 'healthz' | 'pods' | 'runningPods' | 'statsSummary' | 'configz' }
  | { readonly name: 'metrics'; readonly endpoint: MetricsEndpoint }
  | ({ readonly name: 'containerLogs' | 'exec' | 'attach' | 'run' | 'portForward' } & PodRoute)
  | { readonly name: 'logs'; readonly path: string }

/** Finds the route of a path, decoded once; undefined: 404 (pkg/kubelet/server/server.go). */
export function routeOf(path: string): Route | undefined {
  let segments: string[]
  try {
    segments = path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
  if (segments.at(-1) === '') segments.pop()
  if (segments.some((segment) => segment === '' || segment === '..' || segment === '.' || segment.includes('\0')))
    return undefined
  const [first, ...rest] = segments
  switch (first) {
    case 'healthz':
      return { name: 'healthz' }
    case 'pods':
      return rest.length === 0 ? { name: 'pods' } : undefined
    case 'runningpods':
      return rest.length === 0 ? { name: 'runningPods' } : undefined
    case 'configz':
      return rest.length === 0 ? { name: 'configz' } : undefined
    case 'stats':
      return rest.length === 0 || (rest.length === 1 && rest[0] === 'summary') ? { name: 'statsSummary' } : undefined
    case 'metrics':
      if (rest.length === 0) return { name: 'metrics', endpoint: '' }
      return rest.length === 1 && endpoints.has(rest[0]!)
        ? { name: 'metrics', endpoint: rest[0] as MetricsEndpoint }
        : undefined
    case 'logs':
      return { name: 'logs', path: rest.join('/') }
    case 'containerLogs':
    case 'exec':
    case 'attach':
    case 'run':
      if (rest.length === 3) return { name: first, namespace: rest[0]!, pod: rest[1]!, container: rest[2]! }
      if (rest.length === 4 && first !== 'containerLogs')
        return { name: first, namespace: rest[0]!, pod: rest[1]!, uid: rest[2]!, container: rest[3]! }
      return undefined
    case 'portForward':
      if (rest.length === 2) return { name: first, namespace: rest[0]!, pod: rest[1]! }
      return rest.length === 3 ? { name: first, namespace: rest[0]!, pod: rest[1]!, uid: rest[2]! } : undefined
    default:
      return undefined
  }
}
