import type { Container, HTTPGetAction } from '../../api/types.generated.ts'
import { type HttpAnswer, type HttpGet, httpGet, sendHttpGet, urlText } from '../hooks/http-request.ts'
import { dialError, failure, type ProbeOutcome, success, unknown } from './outcome.ts'

const maxRedirects = 10

/** Any status from 200 to 399 is good; a redirect to another host is good with a warning (upstream: pkg/probe/http). */
export async function httpProbe(
  action: HTTPGetAction,
  container: Container,
  podIP: string,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  let request: HttpGet
  try {
    request = httpGet(action, container, podIP, 'probe')
  } catch (error) {
    return unknown(error)
  }
  for (let redirects = 0; ; redirects++) {
    let answer: HttpAnswer
    try {
      answer = await sendHttpGet(request, signal)
    } catch (error) {
      const why = signal.aborted
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : dialError(error, request.host, request.port)
      return failure(`Get ${JSON.stringify(urlText(request))}: ${why}`)
    }
    const { status, headers, body } = answer
    if (status < 200 || status >= 400) return failure(`HTTP probe failed with statuscode: ${status}`)
    if (status < 300) return success(body)
    const next = headers.location === undefined ? undefined : redirected(request, headers.location)
    if (next === undefined) return { result: 'warning', output: `Probe terminated redirects, Response body: ${body}` }
    if (redirects === maxRedirects)
      return failure(`Get ${JSON.stringify(headers.location)}: stopped after 10 redirects`)
    request = next
  }
}

/** Where a redirect leads, if it stays on the same host. */
function redirected(request: HttpGet, location: string): HttpGet | undefined {
  const url = new URL(location, urlText(request))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host !== request.host) return undefined
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
  return { ...request, scheme, port, path: `${url.pathname}${url.search}` }
}
