import {
  addressOfReverseName,
  type ClusterAnswer,
  ClusterRecords,
  type ClusterRecordsOptions,
} from './cluster/cluster-records.ts'
import type { Forwarder } from './forward/forwarder.ts'
import { decodeMessage } from './wire/decode.ts'
import { encodeMessage } from './wire/encode.ts'
import { internetClass, type Message, rcode, recordType, type ResourceRecord } from './wire/message.ts'
import { isInZone } from './wire/name.ts'

export interface QueryHandlerOptions extends ClusterRecordsOptions {
  readonly forwarder: Forwarder
}

/** Answers queries: bytes in, bytes out; undefined for what deserves no answer. Synchronous where it can be. */
export class QueryHandler {
  readonly #options: QueryHandlerOptions
  readonly #records: ClusterRecords
  #turn = 0

  constructor(options: QueryHandlerOptions) {
    this.#options = options
    this.#records = new ClusterRecords(options)
  }

  handle(bytes: Buffer, overTcp: boolean): Buffer | undefined | Promise<Buffer | undefined> {
    try {
      return this.#handle(bytes, overTcp)
    } catch {
      // An object of the API that makes no valid record must not cost more than its own answers.
      return refuse(bytes, rcode.serverFailure)
    }
  }

  #handle(bytes: Buffer, overTcp: boolean): Buffer | undefined | Promise<Buffer | undefined> {
    let query: Message
    try {
      query = decodeMessage(bytes)
    } catch {
      return refuse(bytes, rcode.formatError)
    }
    if (query.response) return undefined
    const maxBytes = overTcp ? 65_535 : Math.min(Math.max(512, query.edns?.udpSize ?? 512), 4096)
    const reply = (answer: Partial<Message> & { readonly rcode: number }) =>
      encodeMessage(replyTo(query, answer), maxBytes)
    const [question] = query.questions
    if (query.opcode !== 0) return reply({ rcode: rcode.notImplemented })
    if (question === undefined || query.questions.length > 1) return reply({ rcode: rcode.formatError })
    if (query.edns !== undefined && query.edns.version > 0) return reply({ rcode: rcode.badVersion })
    if (question.class !== internetClass) return reply({ rcode: rcode.refused })
    if (question.type === recordType.AXFR || question.type === recordType.IXFR) return reply({ rcode: rcode.refused })

    const { domain, data } = this.#options
    const lowerName = question.name.toLowerCase()
    if (isInZone(lowerName, domain)) {
      const answer = this.#records.answer(question.name, lowerName, question.type)
      // What is not there yet may only be not known yet.
      if (answer.rcode !== rcode.noError && !data.synced) return reply({ rcode: rcode.serverFailure })
      if (answer.external === undefined) return reply(this.#authoritative(answer))
      return this.#withExternal(answer, question.type, query).then((complete) => reply(complete))
    }
    if (lowerName.endsWith('.arpa')) {
      const ip = addressOfReverseName(lowerName)
      const answer = ip === undefined ? undefined : this.#records.reverse(ip, question.name)
      if (answer !== undefined) {
        return reply(this.#authoritative(question.type === recordType.PTR ? answer : { ...answer, answers: [] }))
      }
    }
    return this.#options.forwarder.ask(bytes, overTcp).then((answer) => answer ?? reply({ rcode: rcode.serverFailure }))
  }

  #authoritative(answer: ClusterAnswer): Partial<Message> & { readonly rcode: number } {
    const { rcode: code, answers, additional } = answer
    return {
      rcode: code,
      authoritative: true,
      answers: this.#rotate(answers),
      additional,
      authority: answers.length === 0 ? [this.#records.soa()] : [],
    }
  }

  /** Clients take the first address, so each in turn comes first. Aliases stay in front of what they stand for. */
  #rotate(answers: readonly ResourceRecord[]): readonly ResourceRecord[] {
    const aliases = answers.filter(({ type }) => type === recordType.CNAME)
    const rest = answers.length - aliases.length
    if (rest < 2) return answers
    const others = aliases.length === 0 ? answers : answers.filter(({ type }) => type !== recordType.CNAME)
    this.#turn = (this.#turn + 1) & 0xffff
    const by = this.#turn % rest
    return [...aliases, ...others.slice(by), ...others.slice(0, by)]
  }

  async #withExternal(
    answer: ClusterAnswer,
    type: number,
    query: Message,
  ): Promise<Partial<Message> & { readonly rcode: number }> {
    const found = await this.#options.forwarder.ask(
      encodeMessage({
        ...query,
        recursionDesired: true,
        edns: undefined,
        questions: [{ name: answer.external ?? '', type, class: internetClass }],
      }),
      false,
    )
    // When nobody knows the target, the alias alone is still true.
    let more: readonly ResourceRecord[] = []
    try {
      if (found !== undefined) more = decodeMessage(found).answers
    } catch {}
    return this.#authoritative({ ...answer, answers: [...answer.answers, ...more] })
  }
}

function replyTo(query: Message, answer: Partial<Message> & { readonly rcode: number }): Message {
  return {
    id: query.id,
    response: true,
    opcode: query.opcode,
    authoritative: false,
    truncated: false,
    recursionDesired: query.recursionDesired,
    recursionAvailable: true,
    questions: query.questions.slice(0, 1),
    answers: [],
    authority: [],
    additional: [],
    edns: query.edns && { ...query.edns, version: 0 },
    ...answer,
  }
}

/** Says no to a query of which only the header need be readable; anything less is no query. */
function refuse(bytes: Buffer, code: number): Buffer | undefined {
  if (bytes.length < 12 || (bytes[2]! & 0x80) !== 0) return undefined
  const answer = Buffer.alloc(12)
  bytes.copy(answer, 0, 0, 3)
  answer[2] = bytes[2]! | 0x80
  answer[3] = 0x80 | code
  return answer
}
