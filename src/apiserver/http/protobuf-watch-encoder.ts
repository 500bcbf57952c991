import { encodeWatchFrame } from '../../machinery/codec/protobuf/watch-event.ts'
import type { WatchAnswer } from '../answer.ts'
import { encodeMade, encodeStored } from './encode-protobuf.ts'
import { RecentFrames } from './recent-frames.ts'
import { bookmarkObject, type WatchEncoder } from './watch-encoder.ts'

const frames = new RecentFrames()

/** Frames of `application/vnd.kubernetes.protobuf;stream=watch`; those of plain objects are made once. */
export function protobufWatchEncoder(answer: WatchAnswer): WatchEncoder {
  const { convert, definition } = answer
  const made = (object: object): Uint8Array => {
    const bytes = encodeMade(object)
    if (bytes === undefined) throw new Error('protobuf cannot carry this object')
    return bytes
  }
  let first = true
  return {
    alike: convert === undefined ? frames : undefined,
    notice(notice) {
      if (notice.type === 'BOOKMARK') {
        return encodeWatchFrame('BOOKMARK', made(bookmarkObject(answer, notice.revision, notice.initialEventsEnd)))
      }
      const { type, object } = notice
      if (convert === undefined) {
        return frames.get(type, object, () => encodeWatchFrame(type, encodeStored(object, definition.schema)))
      }
      const shown = convert.apply(object, first)
      first = false
      return encodeWatchFrame(type, made(shown))
    },
    error: (status) => encodeWatchFrame('ERROR', made(status)),
  }
}
