import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import type { MadeList } from '../answer.ts'

const chunkLength = 128 * 1024

/** Its JSON in chunks, element by element: others have their turn between two of them, however long the list is. */
export function* encodeMadeList({ head, member, elements }: MadeList): Generator<Uint8Array> {
  let text = goJsonText({ ...head, [member]: [] }).slice(0, -']}'.length)
  let separator = ''
  const all = elements()
  for (let next = all.next(); next.done !== true; next = all.next()) {
    text += separator + goJsonText(next.value)
    separator = ','
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}]}\n`)
}
