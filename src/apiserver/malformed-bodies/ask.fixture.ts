import { request as httpRequest } from 'node:http'
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { MalformedBody } from './case.fixture.ts'

/** The part of an answer that is the same on every server and at every time. */
export interface Answer {
  readonly code: number
  /** The Status's message, the text where it is none, and '' where all is well. */
  readonly message: string
  readonly reason?: string
  readonly details?: unknown
}

export type AskedServer = RequestOptions & { readonly agent: Agent | RequestOptions['agent'] }

/** Sends such a request, over a connection that may be kept; without TLS when `server` has no `ca`. */
export async function ask(server: AskedServer, request: Omit<MalformedBody, 'name'>): Promise<Answer> {
  const { code, text } = await exchange(server, request)
  return answerOf(code, text)
}

/** The same with the answer as it came. */
export function exchange(
  server: AskedServer,
  { method, path, headers, body }: Pick<MalformedBody, 'path' | 'headers' | 'body'> & { readonly method: string },
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { ...server, method, path, headers: { ...headers, 'content-length': body.byteLength } }
    const send = server.ca === undefined ? httpRequest : httpsRequest
    const sent = send(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ code: response.statusCode!, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function answerOf(code: number, text: string): Answer {
  if (code < 400) return { code, message: '' }
  try {
    const { message, reason, details } = JSON.parse(steady(text)) as Answer
    return { code, message, ...(reason && { reason }), ...(details !== undefined && { details }) }
  } catch {
    return { code, message: text }
  }
}

/** Without what differs from run to run; and the scheme by the name that it has in the released binaries. */
function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '00000000-0000-4000-8000-000000000000')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '2026-01-01T00:00:00Z')
    .replaceAll(/(resourceVersion\\+":\\+")\d+/g, '$11')
    .replaceAll('pkg/runtime/scheme.go:111', 'pkg/api/legacyscheme/scheme.go:30')
}
