import { createSocket, type Socket } from 'node:dgram'
import { connect } from 'node:net'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'

interface Waiting {
  readonly question: Buffer
  readonly resolve: (answer: Buffer | undefined) => void
  readonly cancel: () => void
}

/** How many sockets, and so source ports, queries are spread over; with random ids that makes answers hard to forge. */
const socketCount = 8
/** After so many failures in a row a server is asked only once in a while. */
const downAfter = 2
const probeMs = 1000

/** One name server elsewhere. */
export class Upstream {
  readonly address: string
  readonly port: number
  readonly #clock: Clock
  readonly #random: Random
  readonly #sockets: (Socket | undefined)[] = Array.from({ length: socketCount })
  readonly #waiting: Map<number, Waiting>[] = Array.from({ length: socketCount }, () => new Map())
  #next = 0
  #failures = 0
  #probedMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: { address: string; port: number; clock: Clock; random: Random }) {
    this.address = options.address
    this.port = options.port
    this.#clock = options.clock
    this.#random = options.random
  }

  /** Whether to ask it now: it answers, or it is time to see whether it does again. */
  get isWorthAsking(): boolean {
    if (this.#failures < downAfter) return true
    const now = this.#clock.monotonic()
    if (now - this.#probedMs < probeMs) return false
    this.#probedMs = now
    return true
  }

  /** The answer to a query, with the query's id; undefined when none came in time or the server cannot be reached. */
  async ask(query: Buffer, overTcp: boolean, timeoutMs: number): Promise<Buffer | undefined> {
    const answer = await (overTcp ? this.#askTcp(query, timeoutMs) : this.#askUdp(query, timeoutMs))
    this.#failures = answer === undefined ? this.#failures + 1 : 0
    if (answer !== undefined) query.copy(answer, 0, 0, 2)
    return answer
  }

  #askUdp(query: Buffer, timeoutMs: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(undefined)
      const slot = (this.#next = (this.#next + 1) % socketCount)
      const waiting = this.#waiting[slot]!
      let id = Math.floor(this.#random.float() * 0x10000)
      while (waiting.has(id)) id = (id + 1) & 0xffff
      const settle = (answer: Buffer | undefined) => {
        waiting.delete(id)
        cancel()
        resolve(answer)
      }
      const cancel = this.#clock.after(timeoutMs, () => settle(undefined))
      waiting.set(id, { question: query, resolve: settle, cancel })
      const own = Buffer.from(query)
      own.writeUInt16BE(id, 0)
      this.#socket(slot, (socket) => socket.send(own, (error) => error && settle(undefined)))
    })
  }

  /** A connected socket takes no answers from elsewhere, and learns at once that nobody listens. */
  #socket(slot: number, use: (socket: Socket) => void): void {
    const present = this.#sockets[slot]
    if (present !== undefined) return whenConnected(present, use)
    const socket = createSocket(this.address.includes(':') ? 'udp6' : 'udp4')
    this.#sockets[slot] = socket
    const waiting = this.#waiting[slot]!
    const drop = () => {
      if (this.#sockets[slot] !== socket) return
      this.#sockets[slot] = undefined
      socket.close()
      for (const { resolve } of waiting.values()) resolve(undefined)
    }
    socket.on('error', drop)
    socket.on('message', (answer) => {
      if (answer.length < 12) return
      const found = waiting.get(answer.readUInt16BE(0))
      if (found !== undefined && answersQuestion(answer, found.question)) found.resolve(answer)
    })
    socket.unref()
    socket.connect(this.port, this.address)
    whenConnected(socket, use)
  }

  #askTcp(query: Buffer, timeoutMs: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = connect(this.port, this.address)
      let received: Buffer = Buffer.alloc(0)
      const settle = (answer: Buffer | undefined) => {
        cancel()
        socket.destroy()
        resolve(answer)
      }
      const cancel = this.#clock.after(timeoutMs, () => settle(undefined))
      socket.on('error', () => settle(undefined))
      socket.on('close', () => settle(undefined))
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
        const answer = received.subarray(2, 2 + received.readUInt16BE(0))
        settle(answer.length >= 12 && answersQuestion(answer, query) ? Buffer.from(answer) : undefined)
      })
      const length = Buffer.alloc(2)
      length.writeUInt16BE(query.length)
      socket.write(Buffer.concat([length, query]))
    })
  }

  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting) for (const { resolve } of waiting.values()) resolve(undefined)
    for (const socket of this.#sockets) socket?.close()
    this.#sockets.fill(undefined)
  }
}

const connected = new WeakSet<Socket>()
function whenConnected(socket: Socket, use: (socket: Socket) => void): void {
  if (connected.has(socket)) return use(socket)
  socket.once('connect', () => {
    connected.add(socket)
    use(socket)
  })
}

/** The question of both, byte for byte but for capital letters; a server that left it out is believed. */
function answersQuestion(answer: Buffer, query: Buffer): boolean {
  if ((answer.readUInt16BE(2) & 0x8000) === 0) return false
  if (answer.readUInt16BE(4) === 0) return true
  const size = questionSize(query)
  return answer.length >= 12 + size && sameLetters(answer, query, 12, 12 + size)
}

/** Bytes of the first question, which is never compressed. */
export function questionSize(message: Buffer): number {
  let at = 12
  while (at < message.length && message[at] !== 0) at += message[at]! + 1
  return at + 5 - 12
}

function sameLetters(a: Buffer, b: Buffer, from: number, to: number): boolean {
  const lower = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)
  for (let i = from; i < to; i++) if (lower(a[i]!) !== lower(b[i] ?? -1)) return false
  return true
}
