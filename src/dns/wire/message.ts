/** A DNS message as data (RFC 1035, RFC 6891, RFC 2782). Names have no trailing dot; the root is ''. */
export interface Message {
  readonly id: number
  readonly response: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  /** With the upper bits of EDNS. */
  readonly rcode: number
  readonly questions: readonly Question[]
  readonly answers: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Without the pseudo record of EDNS. */
  readonly additional: readonly ResourceRecord[]
  readonly edns?: Edns
}

export interface Question {
  /** Spelled as asked. Dots and backslashes within a label are escaped with a backslash. */
  readonly name: string
  readonly type: number
  readonly class: number
}

export interface Edns {
  /** How large an answer over UDP may be, in bytes. */
  readonly udpSize: number
  readonly version: number
  readonly dnssecOk: boolean
}

interface Owned {
  readonly name: string
  /** Seconds. */
  readonly ttl: number
}
export type ResourceRecord = Owned &
  (
    | { readonly type: typeof recordType.A | typeof recordType.AAAA; readonly address: string }
    | { readonly type: typeof recordType.CNAME | typeof recordType.PTR | typeof recordType.NS; readonly target: string }
    | {
        readonly type: typeof recordType.SRV
        readonly priority: number
        readonly weight: number
        readonly port: number
        readonly target: string
      }
    | { readonly type: typeof recordType.TXT; readonly texts: readonly string[] }
    | {
        readonly type: typeof recordType.SOA
        readonly primary: string
        readonly mailbox: string
        readonly serial: number
        readonly refresh: number
        readonly retry: number
        readonly expire: number
        readonly minimum: number
      }
    | { readonly type: number; readonly data: Uint8Array }
  )

export const recordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const

export const rcode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const

export const internetClass = 1

/** Bytes that do not make a message. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}
