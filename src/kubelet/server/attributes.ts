/** What a request to the kubelet asks of the API server's authorizer, always about this node. */
export interface NodeAttributes {
  readonly verb: string
  readonly subresource: string
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: '',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Path prefix → subresources, any of which suffices (pkg/kubelet/server/auth.go GetRequestAttributes). */
const rules: readonly (readonly [prefix: string, subresources: readonly string[]])[] = [
  ['/pods', ['pods', 'proxy']],
  ['/runningpods', ['pods', 'proxy']],
  ['/healthz', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats', ['stats']],
  ['/metrics', ['metrics']],
  ['/logs', ['log']],
]

/** The alternatives that allow the request. Whatever is not listed needs `nodes/proxy`. */
export function nodeAttributes(method: string, path: string): readonly NodeAttributes[] {
  const verb = verbs[method] ?? ''
  const rule = rules.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))
  return (rule?.[1] ?? ['proxy']).map((subresource) => ({ verb, subresource }))
}
