import { connect, type ClientHttp2Session } from 'node:http2'
import { Agent, request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { sleep, systemClock } from '../../machinery/clock.ts'
import type { Pki } from '../../apiserver/pki/pki.ts'
import type { Ask, Sequence, Told } from './exchange.fixture.ts'
import { tellProtobuf } from './tell-protobuf.fixture.ts'
import { steadyBody, steadyHeaders } from './steady.fixture.ts'

type Raw = { readonly code: number; readonly headers: readonly string[]; readonly text: string }
type Ready = Required<Pick<Ask, 'method' | 'path' | 'http' | 'as'>> & {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  readonly lines: number | undefined
  readonly tell: (bytes: Buffer) => string
}

/** Asks one server. `run` tells this run's namespaces from those of others; `stop` tells the server to. */
export class Asker {
  readonly #port: number
  readonly #run: string
  readonly #stop: () => void
  #sequences = 0
  readonly #tls: { readonly ca: string; readonly cert?: string; readonly key?: string }
  readonly #agents: Record<'admin' | 'nobody', Agent>
  readonly #sessions: Partial<Record<'admin' | 'nobody', ClientHttp2Session>> = {}

  constructor(port: number, pki: Pki, options: { readonly run?: string; readonly stop?: () => void } = {}) {
    const { run = '', stop = () => {} } = options
    this.#stop = stop
    this.#port = port
    this.#run = run
    const { certificatePem: cert, privateKeyPem: key } = pki.admin()
    this.#tls = { ca: pki.clusterAuthority.certificatePem, cert, key }
    const agent = (tls: object) => new Agent({ ...tls, keepAlive: true, maxSockets: 32 })
    this.#agents = { admin: agent(this.#tls), nobody: agent({ ca: this.#tls.ca }) }
  }

  async close(): Promise<void> {
    for (const agent of Object.values(this.#agents)) agent.destroy()
    for (const session of Object.values(this.#sessions)) session.destroy()
  }

  /** The answers to a sequence, in a namespace of its own. */
  async run({ asks }: Sequence): Promise<Told[]> {
    const namespace = `sequence-${this.#run}-${++this.#sequences}`
    if (asks.some(({ path }) => path.startsWith('~'))) {
      const object = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: namespace } }
      const headers = { 'content-type': 'application/json' }
      const made = await this.#send(ready({ method: 'POST', path: '/api/v1/namespaces', headers, body: object }))
      if (made.code !== 201) throw new Error(`${namespace}: ${made.text}`)
    }
    const kept: Record<string, string> = { namespace }
    const told: (Told | Promise<Told>)[] = []
    for (const asked of asks) {
      if (asked.stops) this.#stop()
      if (asked.after !== undefined) await sleep(systemClock, asked.after)
      const answered = this.#tell(asked, kept)
      told.push(asked.detached ? answered : await answered)
    }
    return Promise.all(told)
  }

  async #tell(asked: Ask, kept: Record<string, string>): Promise<Told> {
    let raw = await this.#send(ready(asked, kept))
    for (let attempt = 0; asked.until !== undefined && raw.code !== asked.until; attempt++) {
      // Upstream's caches look every 15 seconds what etcd has forgotten.
      if (attempt > 800) throw new Error(`${asked.path} is not answered by ${asked.until}`)
      await sleep(systemClock, 50)
      raw = await this.#send(ready(asked, kept))
    }
    for (const [key, path] of Object.entries(asked.keep ?? {})) kept[key] = memberOf(raw, path)
    const headers = steadyHeaders(raw.headers, asked.headers?.['upgrade'] !== undefined)
    const lines = (text: string) => text.split('\n').filter((line) => asked.only!.test(line))
    const text = asked.only === undefined ? raw.text : lines(raw.text).sort().join('\n')
    return { code: raw.code, headers, ...(!asked.headOnly && { body: steadyBody(text, kept['namespace']!) }) }
  }

  #send(asked: Ready): Promise<Raw> {
    return asked.http === 2 ? this.#send2(asked) : this.#send1(asked)
  }

  #send1({ method, path, headers, body, as, lines, tell }: Ready): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': body.byteLength }
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agents[as],
          method,
          path,
          headers: { 'user-agent': 'protocol/1', ...length, ...headers },
        },
        (answer) => {
          const whole: string[] = []
          const { rawHeaders } = answer
          for (let at = 0; at < rawHeaders.length; at += 2) whole.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
          const raw = (text: string): Raw => ({ code: answer.statusCode!, headers: whole, text })
          collect(answer, lines, tell, (text) => {
            resolve(raw(text))
            if (lines !== undefined) sent.destroy()
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  async #send2({ method, path, headers, body, as, lines, tell }: Ready): Promise<Raw> {
    let session = this.#sessions[as]
    if (session === undefined || session.closed || session.destroyed) {
      const tls = as === 'admin' ? this.#tls : { ca: this.#tls.ca }
      session = this.#sessions[as] = connect(`https://127.0.0.1:${this.#port}`, tls)
      session.on('error', () => {})
    }
    const stream = session.request(
      { ':method': method, ':path': path, 'user-agent': 'protocol/1', ...headers },
      { endStream: body === undefined },
    )
    if (body !== undefined) stream.end(body)
    return new Promise((resolve, reject) => {
      stream.on('error', reject)
      stream.on('response', (answer) => {
        const whole = Object.entries(answer)
          .filter(([name]) => !name.startsWith(':'))
          .map(([name, value]) => `${name}: ${String(value)}`)
        collect(stream, lines, tell, (text) => {
          resolve({ code: answer[':status']!, headers: whole, text })
          if (lines !== undefined) stream.close()
        })
      })
    })
  }
}

function collect(
  from: NodeJS.ReadableStream,
  lines: number | undefined,
  tell: (bytes: Buffer) => string,
  done: (text: string) => void,
): void {
  const chunks: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (lines === undefined) return
    const all = Buffer.concat(chunks).toString('latin1').split('\n')
    if (all.length > lines) done(Buffer.from(`${all.slice(0, lines).join('\n')}\n`, 'latin1').toString())
  })
  const end = () => {
    const all = Buffer.concat(chunks)
    done(tell(all[0] === 0x1f && all[1] === 0x8b ? gunzipSync(all) : all))
  }
  from.on('end', end)
  from.on('error', end)
}

function ready(asked: Ask, kept: Readonly<Record<string, string>> = {}): Ready {
  const { method = 'GET', http = 1, as = 'admin', body, headers = {}, lines } = asked
  const fill = (text: string) => text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => kept[name] ?? '')
  const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]))
  const text =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return {
    method,
    http,
    as,
    lines,
    tell: asked.decodes ? tellProtobuf : String,
    path: fill(asked.path.replace(/^~/, '/api/v1/namespaces/${namespace}')),
    headers: {
      ...(typeof body === 'object' && !(body instanceof Uint8Array) && { 'content-type': 'application/json' }),
      ...filled,
    },
    body: text === undefined ? undefined : Buffer.from(typeof text === 'string' ? fill(text) : text),
  }
}

function memberOf({ text, headers }: Raw, path: string): string {
  if (path.startsWith('@')) {
    const prefix = `${path.slice(1)}: `
    return headers.find((header) => header.toLowerCase().startsWith(prefix))?.slice(prefix.length) ?? ''
  }
  let value: unknown = JSON.parse(text)
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  return String(value)
}
