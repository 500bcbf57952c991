import type { Readable } from 'node:stream'
import { deepFreeze } from '../../machinery/json.ts'
import type { WatchEvent } from '../transport.ts'

/**
 * The events of a watch's body, one JSON object per line. The body is read no faster than the events are taken. It ends
 * without an error when the server ends it or `signal` aborts.
 */
export async function* watchStream(body: Readable, signal: AbortSignal | undefined): AsyncGenerator<WatchEvent> {
  let parts: Buffer[] = []
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        parts.push(chunk.subarray(start, end))
        start = end + 1
        const line = parts.length === 1 ? parts[0]!.toString() : Buffer.concat(parts).toString()
        parts = []
        if (signal?.aborted) return
        if (line !== '') yield deepFreeze(JSON.parse(line) as WatchEvent)
      }
      if (start < chunk.length) parts.push(chunk.subarray(start))
    }
    // Some servers leave out the last newline.
    const rest = Buffer.concat(parts).toString().trim()
    if (rest !== '') yield deepFreeze(JSON.parse(rest) as WatchEvent)
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    body.destroy()
  }
}
