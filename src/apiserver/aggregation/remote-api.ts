import { Agent, type AgentOptions, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { rootCertificates } from 'node:tls'
import type { Readable } from 'node:stream'
import type { APIService } from '../../api/types.generated.ts'
import type { UserInfo } from '../../api/user.ts'
import type { DialTarget } from '../../machinery/streaming/dial-upgrade.ts'
import { tlsTrust } from '../../machinery/tls-trust.ts'
import { hostPort } from '../connect/node-connection.ts'
import { isAvailable } from './availability.ts'

/** As whom the aggregation itself asks. */
export const aggregatorUser: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] }

export interface ClientCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

/** An endpoint that answers at a port of a service. Throws an Error when there is none. */
export type ResolveEndpoint = (
  namespace: string,
  name: string,
  port: number,
) => { readonly host: string; readonly port: number }

export interface RemoteRequest {
  readonly method: string
  /** With query, as the server is to see it. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly user: UserInfo
  readonly body?: Readable | Uint8Array
  readonly signal?: AbortSignal
}

/** A group version that another server serves, behind a service of the cluster. */
export class RemoteApi {
  readonly definition: APIService
  readonly available: boolean
  readonly #resolve: ResolveEndpoint
  readonly #certificate: () => ClientCertificate
  #shown: {
    readonly certificate: ClientCertificate
    readonly tls: NonNullable<DialTarget['tls']>
    readonly agent: Agent
  }

  constructor(
    definition: APIService,
    options: { readonly resolve: ResolveEndpoint; readonly certificate: () => ClientCertificate },
  ) {
    this.definition = definition
    this.available = isAvailable(definition)
    this.#resolve = options.resolve
    this.#certificate = options.certificate
    this.#shown = this.#show(options.certificate())
  }

  /** What connections are made with; another certificate counts for new ones. */
  get #connection() {
    const certificate = this.#certificate()
    if (certificate !== this.#shown.certificate) {
      const { agent } = this.#shown
      this.#shown = this.#show(certificate)
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
    }
    return this.#shown
  }
  #show(certificate: ClientCertificate) {
    const { caBundle, insecureSkipTLSVerify } = this.definition.spec
    const { namespace, name } = this.service
    const tls = {
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
      ca: caBundle ? Buffer.from(caBundle, 'base64').toString('utf8') : [...rootCertificates],
      ...tlsTrust,
      servername: `${name}.${namespace}.svc`,
      rejectUnauthorized: insecureSkipTLSVerify !== true,
    }
    return { certificate, tls, agent: new Agent({ keepAlive: true, ...(tls as AgentOptions) }) }
  }

  get group(): string {
    return this.definition.spec.group ?? ''
  }
  get version(): string {
    return this.definition.spec.version ?? ''
  }
  /** Where its resources are: `/apis/wardle.example.com/v1alpha1`. */
  get path(): string {
    return this.group === '' ? `/api/${this.version}` : `/apis/${this.group}/${this.version}`
  }
  get service(): { readonly namespace: string; readonly name: string; readonly port: number } {
    const { namespace = '', name = '', port = 443 } = this.definition.spec.service ?? {}
    return { namespace, name, port }
  }

  /** Where the request goes, for connections that are upgraded. Throws Error when no endpoint is there. */
  target(target: string): DialTarget {
    const { namespace, name, port } = this.service
    const endpoint = this.#resolve(namespace, name, port)
    return { url: new URL(`https://${hostPort(endpoint.host, endpoint.port)}${target}`), tls: this.#connection.tls }
  }

  /** Asks the server for a user; rejects when no answer comes. The caller reads or destroys the answer. */
  ask({ method, target, headers, user, body, signal }: RemoteRequest): Promise<IncomingMessage> {
    const { url } = this.target(target)
    const { agent, tls } = this.#connection
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(url, {
        method,
        agent,
        signal,
        headers: { ...headers, ...userHeaders(user) },
        servername: tls.servername,
      })
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
      // A server that switches protocols without being asked is cut (security.md: upgrade and connection reuse).
      outgoing.once('upgrade', (_response, socket) => {
        socket.destroy()
        reject(new Error('the backend switched protocols unasked'))
      })
      if (body === undefined) outgoing.end()
      else if (body instanceof Uint8Array) outgoing.end(body)
      else pipeline(body, outgoing).catch(reject)
    })
  }

  close(): void {
    this.#shown.agent.destroy()
  }
}

/** Who asks, as a front proxy says it (client-go transport/round_trippers.go, SetAuthProxyHeaders). */
export function userHeaders({ name, uid, groups = [], extra = {} }: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'X-Remote-User': name }
  if (uid) headers['X-Remote-Uid'] = uid
  if (groups.length > 0) headers['X-Remote-Group'] = [...groups]
  for (const [key, values] of Object.entries(extra)) headers[`X-Remote-Extra-${escapeKey(key)}`] = [...values]
  return headers
}

/** What a header's name may not hold is percent-encoded, and the percent sign as well. */
function escapeKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

const maxDocumentBytes = 16 * 1024 * 1024

/** The whole body of an answer. Throws Error beyond 16 MiB. */
export async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer) {
    length += (chunk as Buffer).length
    if (length > maxDocumentBytes) throw new Error(`the answer is larger than ${maxDocumentBytes} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
