import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { WatchAnswer } from '../answer.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import { RecentFrames } from './recent-frames.ts'
import type { WatchNotice } from '../cache/watch-event.ts'

/** Turns what happened into the frames of one watch. Frames of plain objects are made once and shared by all watches. */
export interface WatchEncoder {
  /** Encoders that have the same one make the same frames of the same notices; absent: frames of its own. */
  readonly alike?: object
  notice(notice: WatchNotice): Uint8Array
  error(status: object): Uint8Array
}

const frames = new RecentFrames()

/** A JSON document per line. */
export function jsonWatchEncoder(answer: WatchAnswer): WatchEncoder {
  const { convert } = answer
  const line = (type: string, object: object) => Buffer.from(`${goJsonText({ type, object })}\n`)
  let first = true
  return {
    alike: convert === undefined ? frames : undefined,
    notice(notice) {
      if (notice.type === 'BOOKMARK') {
        return line('BOOKMARK', bookmarkObject(answer, notice.revision, notice.initialEventsEnd))
      }
      const { type, object } = notice
      if (convert === undefined) return frames.get(type, object, () => jsonFrame(type, object))
      const shown = convert.apply(object, first)
      first = false
      return line(type, shown)
    },
    error: (status) => line('ERROR', status),
  }
}

function jsonFrame(type: string, object: StoredObject): Uint8Array {
  const { value, at, splice } = object.spliced()
  const head = `{"type":"${type}","object":`
  const frame = Buffer.allocUnsafe(head.length + value.byteLength + splice.length + 2)
  let end = frame.write(head, 'latin1')
  frame.set(value.subarray(0, at), end)
  end += at
  end += frame.write(splice, end, 'latin1')
  frame.set(value.subarray(at), end)
  end += value.byteLength - at
  frame[end++] = 0x7d
  frame[end] = 0x0a
  return frame
}

/** A bookmark is an object of the watched kind with nothing but its version (and, once, the mark of the initial events' end). */
export function bookmarkObject(
  { definition, convert }: Pick<WatchAnswer, 'definition' | 'convert'>,
  revision: number,
  initialEventsEnd: boolean,
): object {
  const metadata = {
    resourceVersion: String(revision),
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  }
  if (convert?.kind === 'PartialObjectMetadata' || convert?.kind === 'PartialObjectMetadataList') {
    return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${convert.version}`, metadata }
  }
  const object = { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata }
  if (convert?.kind !== 'Table') return object
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${convert.version}`,
    metadata: { resourceVersion: String(revision) },
    columnDefinitions: null,
    rows: [
      {
        cells: null,
        object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${convert.version}`, metadata },
      },
    ],
  }
}
