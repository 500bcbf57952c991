import type { UserInfo } from '../../api/user.ts'
import type { Span } from '../../machinery/tracing/span.ts'
import { spanContextOf } from '../../machinery/tracing/trace-context.ts'
import type { Tracer } from '../../machinery/tracing/tracer.ts'
import type { ServerRequest } from '../request.ts'
import type { RequestInfo } from '../routing/request-info.ts'

/** Who may have their requests recorded, and say as a part of which trace. */
const trusted: ReadonlySet<string> = new Set(['system:masters', 'system:monitoring'])

/** The span of a request, once it is known who asks (apiserver pkg/endpoints/filters/traces.go). */
export function beginRequestSpan(
  tracer: Tracer,
  request: ServerRequest,
  info: RequestInfo,
  user: UserInfo,
  auditId: string | undefined,
): Span | undefined {
  return tracer.begin({
    name: info.resourceRequest ? `${request.method} ${routeOf(info)}` : request.method,
    parent: spanContextOf(request.headers),
    trusted: user.groups.some((group) => trusted.has(group)),
    attributes: () => ({
      'http.request.method': request.method,
      'url.path': request.path,
      'user_agent.original': request.headers['user-agent'] ?? '',
      'client.address': request.remoteAddress,
      'audit-id': auditId ?? '',
      'http.target': request.exchange?.target ?? request.path,
    }),
  })
}

function routeOf({ apiPrefix, apiGroup, apiVersion, namespace, resource, name, subresource }: RequestInfo): string {
  const parts = [
    apiPrefix,
    apiGroup,
    apiVersion,
    namespace && 'namespaces/{:namespace}',
    resource,
    name && '{:name}',
    subresource,
  ]
  return `/${parts.filter((part) => part !== '').join('/')}`
}

/** Ends the span of a request with its answer. */
export function endRequestSpan(span: Span, code: number): void {
  span.set('http.response.status_code', code)
  span.end(code >= 500 ? `answered ${code}` : undefined)
}
