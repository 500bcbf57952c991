import { splitName } from '../wire/name.ts'

/** What a name below the cluster's domain asks for (CoreDNS plugin/kubernetes parse.go). */
export type ClusterName =
  /** Exists, has no records: the domain itself, `svc`, `pod`, a namespace. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'service'
      readonly namespace: string
      readonly service: string
      readonly port: string
      readonly protocol: string
      readonly endpoint: string
    }
  | { readonly kind: 'pod'; readonly namespace: string; readonly pod: string }
  | { readonly kind: 'nameserver' }
  | { readonly kind: 'version' }
  | { readonly kind: 'unknown' }

/** `relative`: the name without the domain, in lower case, without trailing dot. */
export function parseClusterName(relative: string): ClusterName {
  if (relative === '' || relative === 'svc' || relative === 'pod') return { kind: 'empty' }
  if (relative === 'ns.dns') return { kind: 'nameserver' }
  if (relative === 'dns-version') return { kind: 'version' }
  const labels = splitName(relative)
  const type = labels.pop()
  if (type !== 'svc' && type !== 'pod') return { kind: 'unknown' }
  const namespace = labels.pop()
  const name = labels.pop()
  // A namespace is not checked for existence: it has no records of its own.
  if (namespace === undefined || name === undefined) return { kind: 'empty' }
  if (labels.length > 2) return { kind: 'unknown' }
  if (type === 'pod') return { kind: 'pod', namespace, pod: name }
  const [first = '', second = ''] = labels
  const plain = (label: string) => (label.startsWith('_') ? label.slice(1) : label)
  return {
    kind: 'service',
    namespace,
    service: name,
    port: labels.length === 2 ? plain(first) : '',
    protocol: labels.length === 2 ? plain(second) : '',
    endpoint: labels.length === 1 ? first : '',
  }
}
