import { gunzipSync } from 'node:zlib'
import { badRequest, internalError, serviceUnavailable } from '../../machinery/errors.ts'
import type { DialTarget } from '../../machinery/streaming/dial-upgrade.ts'
import type { ConnectContext, ConnectHandler } from '../handlers/connect-handler.ts'
import { askBackend, relayAnswer } from './forward.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { answeredHeaders, forwardedHeaders } from './proxy-headers.ts'
import { rewriteHtml, rewriteUrl, type RewriteContext } from './rewrite-html.ts'
import { parseSchemeNamePort, type SchemeNamePort } from './scheme-name-port.ts'

/** Where a proxied request goes: `https://10.0.0.1:8443`, no path. */
export interface Backend {
  readonly origin: string
  readonly tls?: DialTarget['tls']
}

const maxPageBytes = 16 * 1024 * 1024

/** `proxy` of pods, services and nodes; `locate` finds the backend or throws ApiError. */
export function proxyHandler(
  kind: 'Pod' | 'Service' | 'Node',
  locate: (target: SchemeNamePort, context: ConnectContext) => Promise<Backend>,
): ConnectHandler {
  return {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    optionsKind: `${kind}ProxyOptions`,
    subpath: true,
    async connect(context) {
      const { exchange, info, rawSubpath } = context
      const target = parseSchemeNamePort(info.name)
      if (target === undefined) throw badRequest(`invalid ${kind.toLowerCase()} request ${JSON.stringify(info.name)}`)
      const { origin, tls } = await locate(target, context)
      const [path, search] = splitOnce(exchange.target, '?')
      const suffix = search === undefined ? '' : `?${search}`
      // The `path` query is the older way to say what follows `proxy`.
      const rest = rawSubpath || (context.query.has('path') ? `/${context.query.get('path')!.replace(/^\//, '')}` : '')
      if (exchange.upgrade) return forwardUpgrade(exchange, { url: new URL(`${origin}${rest || '/'}${suffix}`), tls })
      if (rest === '' && (exchange.method === 'GET' || exchange.method === 'HEAD'))
        return exchange.respond(301, { location: `${path}/${suffix}` })

      const prefix = rest === '' ? path : path.slice(0, path.length - rawSubpath.length)
      const url = new URL(`${origin}${rest || '/'}${suffix}`)
      const headers = {
        ...forwardedHeaders(exchange.headers, exchange.remoteAddress),
        'x-forwarded-uri': `${prefix}${rest}`,
        'x-forwarded-host': exchange.headers['host'] ?? exchange.headers[':authority'] ?? '',
        'x-forwarded-proto': 'https',
      }
      const body = exchange.method !== 'GET' && exchange.method !== 'HEAD'
      const answer = await askBackend(exchange, { url, tls }, { method: exchange.method, headers, body }).catch(
        (error: unknown) => {
          throw serviceUnavailable(
            `error trying to reach service: ${error instanceof Error ? error.message : String(error)}`,
          )
        },
      )
      const rewrite: RewriteContext = { prefix, backendHost: url.host, requestHost: headers['x-forwarded-host'] }
      const answered = answeredHeaders(answer.headers)
      if (answered['location']) {
        answered['location'] = rewriteUrl(answered['location'], rewrite)
        return relayAnswer(exchange, answer, answered)
      }
      if (answered['content-type']?.split(';')[0]?.trim() !== 'text/html')
        return relayAnswer(exchange, answer, answered)
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of answer) {
        length += (chunk as Buffer).length
        if (length > maxPageBytes) throw internalError('the page of the backend is too large to be rewritten')
        chunks.push(chunk as Buffer)
      }
      const page = Buffer.concat(chunks)
      const html = answered['content-encoding'] === 'gzip' ? gunzipSync(page, { maxOutputLength: maxPageBytes }) : page
      if (answered['content-encoding'] === 'gzip') delete answered['content-encoding']
      delete answered['content-length']
      // latin1 keeps every byte as it is, whatever the page's own encoding; markup is ASCII in all that matter.
      exchange.respond(
        answer.statusCode ?? 502,
        answered,
        Buffer.from(rewriteHtml(html.toString('latin1'), rewrite), 'latin1'),
      )
    },
  }
}

function splitOnce(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}
