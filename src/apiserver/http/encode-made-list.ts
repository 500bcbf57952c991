import { goJsonText } from '../../machinery/codec/json/go-json.ts'

const chunkLength = 128 * 1024

/** What a client asked for instead of objects: its last member are as many elements as a list has items. */
type MadeList =
  | { readonly kind: 'Table'; readonly rows: readonly object[] }
  | { readonly kind: 'PartialObjectMetadataList'; readonly items: readonly object[] }

export function isMadeList(object: object): object is MadeList {
  const { kind, rows, items } = object as { kind?: unknown; rows?: unknown; items?: unknown }
  return (kind === 'Table' && Array.isArray(rows)) || (kind === 'PartialObjectMetadataList' && Array.isArray(items))
}

/** Its JSON in chunks, element by element: others have their turn between two of them, however long the list is. */
export function* encodeMadeList(object: MadeList): Generator<Uint8Array> {
  const elements = object.kind === 'Table' ? object.rows : object.items
  const empty = object.kind === 'Table' ? { ...object, rows: [] } : { ...object, items: [] }
  let text = goJsonText(empty).slice(0, -']}'.length)
  for (const [index, element] of elements.entries()) {
    text += `${index === 0 ? '' : ','}${goJsonText(element)}`
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}]}\n`)
}
