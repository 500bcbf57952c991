import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { ClientCertificate } from '../authentication/authenticator.ts'

import type { SharedBytes } from './shared-bytes.ts'

export type HeaderMap = Readonly<Record<string, string | undefined>>
/** Of an answer; a header of several values is sent several times. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** One request and its answer on the wire, over HTTP/1.1 or HTTP/2. */
export interface Exchange {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2.0'
  readonly method: string
  /** The request target as sent: path and query. */
  readonly target: string
  readonly headers: HeaderMap
  /** Each value of a header, in order, however often it came; of UTF-8, unlike `headers`. */
  headerValues(name: string): readonly string[]
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal
  /** The request's body. */
  readonly readable: Readable
  /** Whether an answer was begun. */
  readonly started: boolean
  /** Headers that the answer has beside its own, whoever gives it. */
  inherit(headers: AnswerHeaders): void
  /** Sends a whole answer. */
  respond(status: number, headers: AnswerHeaders, body?: Uint8Array | string): void
  /** Begins an answer whose body comes in pieces; headers leave at once. */
  stream(status: number, headers: AnswerHeaders): ByteSink
  /** The answer is the last one on its connection; those that are on their way are still given. */
  closeAfter(): void
  /** Cuts the exchange without an orderly end. */
  destroy(): void
  /** HTTP/1.1 upgrades: the request, the bare socket and what was read beyond the request. */
  readonly upgrade?: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
}

export interface ByteSink {
  /** Takes ownership of the bytes; they must not change afterwards. */
  write(chunk: Uint8Array): void
  /** Writes and resolves when the bytes have gone out, or never will: they are the caller's again. */
  send(chunk: Uint8Array): Promise<void>
  /** Like write, for bytes that many readers are sent. */
  writeShared(bytes: SharedBytes): void
  /** Whether the reader is behind: wait for drained before writing more. */
  readonly full: boolean
  /** Resolves when the sink drained, or at once when it is not full. */
  drained(): Promise<void>
  end(): void
  destroy(): void
  readonly writable: Writable
}
