import type { ServerOptionValues } from '../../apiserver/options/server-options.ts'

/** One request, as it goes over the wire. `${name}` in its path and body stands for what an earlier answer was kept as. */
export interface Ask {
  /** Default GET. */
  readonly method?: string
  /** The target as it is sent. A leading `~` stands for the sequence's own namespace. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | object
  /** Default HTTP/1.1. */
  readonly http?: 1 | 2
  /** Who asks: the administrator (default), or somebody without credentials. */
  readonly as?: 'admin' | 'nobody'
  /** Members of the answer that later requests need: name → path, e.g. `metadata.continue`, or `@header`. */
  readonly keep?: Readonly<Record<string, string>>
  /** Asked again until the answer has this status. */
  readonly until?: number
  /** How many lines of an answer without an end are read; what comes after is not waited for. */
  readonly lines?: number
  /** The next requests do not wait for its answer. */
  readonly detached?: true
  /** Milliseconds before it is sent. */
  readonly after?: number
  /** Only lines of the body that match are compared. */
  readonly only?: RegExp
  /** The server is told to stop first. */
  readonly stops?: true
  /** Protobuf is compared as what it says. */
  readonly decodes?: true
  /** The body is left out of the comparison: it is compared elsewhere. */
  readonly headOnly?: true
}

export interface Sequence {
  readonly name: string
  /** In order, for each may depend on what the last one did. */
  readonly asks: readonly Ask[]
}

/** What is the same in an answer on every server and at every time. */
export interface Told {
  readonly code: number
  /** `name: value` in order; values that differ from answer to answer are left out. */
  readonly headers: readonly string[]
  readonly body?: string
}

/** A group of sequences and the flags of the server that answers them. */
export interface Profile {
  readonly name: string
  readonly flags: ServerOptionValues
  readonly sequences: readonly Sequence[]
  /** Whether time must not run faster for us. */
  readonly inRealTime?: true
}

export const get = (path: string, headers: Readonly<Record<string, string>> = {}): Ask => ({ path, headers })
export const ask = (method: string, path: string, body?: Ask['body'], more: Partial<Ask> = {}): Ask => ({
  method,
  path,
  body,
  ...more,
})
export const configMap = (name: string, data: object = {}, labels?: object): object => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, labels },
  data,
})
