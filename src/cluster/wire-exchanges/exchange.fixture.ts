/** One connection, byte by byte. */
export interface WireCase {
  readonly name: string
  /** What ALPN is asked for; `plain`: no TLS at all. Default http/1.1. */
  readonly over?: 'http/1.1' | 'h2' | 'plain'
  /** Sent in order, text as Latin-1; a number is a pause in milliseconds. */
  readonly sends: readonly (string | Uint8Array | number)[]
  /** The client's half is closed after the last byte. */
  readonly halfCloses?: true
  readonly as?: ClientName
  readonly tls?: WireTls
  /** The settings that the server announces are compared too. */
  readonly tellsSettings?: true
}

export type ClientName = 'admin' | 'nobody' | 'expired' | 'not yet' | 'of nobody' | 'of a server'

export interface WireTls {
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
  readonly curves?: string
  /** Empty: none is offered. */
  readonly alpn?: readonly string[]
  readonly servername?: string
}

/** What came back, without what differs each time. */
export interface WireTold {
  /** What was agreed upon, or the alert; absent: not part of the comparison. */
  readonly handshake?: string
  readonly received: readonly string[]
  /** Whether the server closed the connection. */
  readonly closed: boolean
}
