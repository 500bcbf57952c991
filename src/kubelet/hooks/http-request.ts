import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import https from 'node:https'
import { http } from '../../machinery/node-http.ts'
import type { Container, HTTPGetAction } from '../../api/types.generated.ts'

/** An HTTP request to a container, for probes and hooks (upstream: pkg/probe/http). */
export interface HttpGet {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** At most 10 KiB. */
  readonly body: string
}

const maxBody = 10 * 1024

/** A number, or the container's port of that name. Throws in upstream's words. */
export function resolvePort(port: string | number | undefined, container: Container): number {
  if (typeof port === 'number') return checked(port)
  const named = container.ports?.find(({ name }) => name === port)
  if (named !== undefined) return checked(named.containerPort)
  // A port may also be written as digits in quotes.
  if (/^\d+$/.test(port ?? '')) return checked(Number(port))
  throw new Error(`couldn't find port: ${port} in ${container.name}`)
}

function checked(port: number): number {
  if (port > 0 && port < 65536) return port
  throw new Error(`invalid port number: ${port}`)
}

export function httpGet(action: HTTPGetAction, container: Container, podIP: string, agent: string): HttpGet {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase() === 'https' ? 'https' : 'http'
  const headers: Record<string, string[]> = {}
  for (const { name, value } of action.httpHeaders ?? []) (headers[name.toLowerCase()] ??= []).push(value)
  headers['user-agent'] ??= [`kube-${agent}/1.37`]
  headers['accept'] ??= ['*/*']
  // An empty header means: leave it out.
  for (const name of ['user-agent', 'accept']) if (headers[name]?.[0] === '') delete headers[name]
  const path = action.path ?? '/'
  return {
    scheme,
    host: action.host || podIP,
    port: resolvePort(action.port, container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers,
  }
}

export function urlText({ scheme, host, port, path }: HttpGet): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
}

/** Sends it on a connection of its own. Certificates are not checked. Throws what went wrong with the network. */
export function sendHttpGet(request: HttpGet, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { scheme, host, port, path, headers } = request
    const outgoing = { host, port, path, headers: { connection: 'close', ...headers }, signal, agent: false as const }
    const answered = (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        if (body.length >= maxBody) finish()
      })
      const finish = () => {
        response.destroy()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: body.slice(0, maxBody) })
      }
      response.on('end', finish)
      response.on('error', reject)
    }
    const sent =
      scheme === 'https'
        ? https.request({ ...outgoing, rejectUnauthorized: false, checkServerIdentity: () => undefined }, answered)
        : http.request(outgoing, answered)
    sent.on('error', reject)
    sent.end()
  })
}
