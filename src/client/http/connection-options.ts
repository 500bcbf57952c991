import type { Clock } from '../../machinery/clock.ts'

/** How to reach an API server and who to be there; what a kubeconfig says. */
export interface ConnectionOptions {
  /** `https://10.0.0.1:6443`, perhaps with a path below which the API lies. */
  readonly server: string
  /** PEM. Absent: the system's certificates. */
  readonly ca?: string
  /** PEM; with `key` the client's certificate. */
  readonly cert?: string
  readonly key?: string
  readonly token?: string
  /** Asked before each request; it caches by itself. Wins over `token`. */
  readonly tokenSource?: () => string | Promise<string>
  /** Told when the server did not accept the token. */
  readonly tokenRefused?: () => void
  readonly username?: string
  readonly password?: string
  /** The name that the server's certificate must have, when not that of `server`. */
  readonly tlsServerName?: string
  readonly insecureSkipTlsVerify?: boolean
  /** Act as somebody else (Impersonate-* headers). */
  readonly impersonate?: {
    readonly user: string
    readonly uid?: string
    readonly groups?: readonly string[]
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
}

/** PEM. */
export interface ShownCertificate {
  readonly cert: string
  readonly key: string
}

/** A client certificate that is renewed while connections go on. */
export interface ClientCertificate {
  /** The first; waited for while there is none. */
  available(): Promise<ShownCertificate>
  /** Told of each new one. The result ends it. */
  subscribe(listener: (next: ShownCertificate) => void): () => void
}

export interface HttpTransportOptions extends ConnectionOptions {
  /** Wins over `cert` and `key`. Requests that are under way, watches too, end on the connection that they began on. */
  readonly clientCertificate?: ClientCertificate
  readonly userAgent: string
  readonly clock: Clock
}

/** The headers that say who asks. Never logged. */
export async function identityHeaders(options: ConnectionOptions): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {}
  const token = options.tokenSource === undefined ? options.token : await options.tokenSource()
  if (token) headers.authorization = `Bearer ${token}`
  else if (options.username !== undefined) {
    const basic = Buffer.from(`${options.username}:${options.password ?? ''}`).toString('base64')
    headers.authorization = `Basic ${basic}`
  }
  const { impersonate } = options
  if (impersonate !== undefined) {
    headers['impersonate-user'] = impersonate.user
    if (impersonate.uid) headers['impersonate-uid'] = impersonate.uid
    if (impersonate.groups?.length) headers['impersonate-group'] = [...impersonate.groups]
    for (const [key, values] of Object.entries(impersonate.extra ?? {})) {
      headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values]
    }
  }
  return headers
}
