import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import type { ListAnswer, ObjectAnswer, StoredAnswer } from '../answer.ts'
import type { MediaType } from '../negotiation/media-type.ts'
import { encodeList } from './encode-list.ts'
import { encodeMadeList } from './encode-made-list.ts'

/** A body and what it is. */
export interface Encoded {
  readonly contentType: MediaType
  /** Made while it is sent, so that an answer of any size needs little memory: each is good until the next but one is asked for. */
  readonly chunks: Iterator<Uint8Array>
}

type Encodable = ObjectAnswer | StoredAnswer | ListAnswer

/** What protobuf does not know (tables, discovery) goes out as JSON. */
export async function encodeAnswer(answer: Encodable, mediaType: MediaType, pretty: boolean): Promise<Encoded> {
  if (mediaType === 'application/vnd.kubernetes.protobuf') {
    const encoded = await asProtobuf(answer)
    if (encoded !== undefined) return { contentType: mediaType, chunks: encoded }
  }
  if (mediaType === 'application/yaml') {
    const { printYaml } = await import('../../machinery/codec/yaml/print-yaml.ts')
    return { contentType: mediaType, chunks: one(Buffer.from(printYaml(plainOf(answer)))) }
  }
  return { contentType: 'application/json', chunks: asJson(answer, pretty) }
}

async function asProtobuf(answer: Encodable): Promise<Iterator<Uint8Array> | undefined> {
  const { encodeMade, encodeProtobufList, encodeStored } = await import('./encode-protobuf.ts')
  if (answer.type === 'object') {
    if (answer.list?.member === 'rows') return undefined
    const made = encodeMade(answer.object)
    return made && one(made)
  }
  if (!answer.definition.protobuf) return undefined
  if (answer.type === 'list') return encodeProtobufList(answer)
  return one(encodeStored(answer.object, answer.definition.schema))
}

function asJson(answer: Encodable, pretty: boolean): Iterator<Uint8Array> {
  if (pretty) return one(Buffer.from(goJsonText(plainOf(answer), true)))
  if (answer.type === 'list') return encodeList(answer)
  if (answer.type === 'object') {
    if (answer.list !== undefined) return encodeMadeList(answer.list)
    return one(Buffer.from(`${goJsonText(answer.object)}\n`))
  }
  return one(line(answer))
}

function line({ object }: StoredAnswer): Uint8Array {
  const { value, at, splice } = object.spliced()
  const out = Buffer.allocUnsafe(value.byteLength + splice.length + 1)
  out.set(value.subarray(0, at))
  const end = at + out.write(splice, at, 'latin1')
  out.set(value.subarray(at), end)
  out[out.byteLength - 1] = 0x0a
  return out
}

/** The answer as one value: for humans, who can wait. */
function plainOf(answer: Encodable): unknown {
  if (answer.type === 'object') return answer.object
  if (answer.type === 'stored') return answer.object.object
  const copies = Array.from(encodeList(answer), (chunk) => Buffer.from(chunk))
  return JSON.parse(Buffer.concat(copies).toString('utf8'))
}

function* one(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes
}
