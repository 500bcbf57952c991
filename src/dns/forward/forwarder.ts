import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import { AnswerCache } from './cache.ts'
import { questionSize, Upstream } from './upstream.ts'

export interface ForwarderOptions {
  /** Addresses, with `#port` when it is not 53: `192.0.2.1`, `fd00::1`, `127.0.0.1#5353`. */
  readonly servers: readonly string[]
  readonly clock: Clock
  readonly random: Random
}

/** A server that does not answer within this time is given up. */
const attemptMs = 1500

/** Asks other name servers for what the cluster does not know, and remembers their answers for a while. */
export class Forwarder {
  readonly #clock: Clock
  readonly #upstreams: readonly Upstream[]
  readonly #cache = new AnswerCache()
  /** Questions under way, so that many clients with the same one cause one query. */
  readonly #asking = new Map<string, Promise<Buffer | undefined>>()

  constructor({ servers, clock, random }: ForwarderOptions) {
    this.#clock = clock
    this.#upstreams = servers.map((server) => {
      const [address = '', port = '53'] = server.split('#')
      return new Upstream({ address, port: Number(port), clock, random })
    })
  }

  /** The answer to a query of one question, in the query's id and spelling; undefined when no server gives one. */
  async ask(query: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    if (this.#upstreams.length === 0) return undefined
    const size = questionSize(query)
    // Flags (recursion, checking) and whatever EDNS asks for make another question.
    const rest = query.subarray(12 + size).toString('latin1')
    const spelled = query.toString('latin1', 12, 12 + size)
    const key = `${overTcp ? 't' : 'u'}${query.readUInt16BE(2)} ${spelled.toLowerCase()} ${rest}`
    const cached = this.#cache.get(key, this.#clock.monotonic())
    if (cached !== undefined) return fit(cached, query, size)
    let asking = this.#asking.get(key)
    if (asking === undefined) {
      asking = this.#askAll(query, overTcp).finally(() => this.#asking.delete(key))
      this.#asking.set(key, asking)
      void asking.then((answer) => answer && this.#cache.put(key, answer, this.#clock.monotonic()))
    }
    const answer = await asking
    return answer && fit(Buffer.from(answer), query, size)
  }

  async #askAll(query: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    for (const upstream of this.#upstreams) {
      if (!upstream.isWorthAsking) continue
      const answer = await upstream.ask(query, overTcp, attemptMs)
      if (answer !== undefined) return answer
    }
    return undefined
  }

  close(): void {
    for (const upstream of this.#upstreams) upstream.close()
  }
}

/** Gives an answer the id, and the question's spelling, of a query for the same thing. */
function fit(answer: Buffer, query: Buffer, size: number): Buffer {
  query.copy(answer, 0, 0, 2)
  if (answer.readUInt16BE(4) > 0) query.copy(answer, 12, 12, 12 + size)
  return answer
}
