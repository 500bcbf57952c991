import { open } from 'node:fs/promises'
import { visibleText } from '../machinery/visible-text.ts'
import { pause, systemClock } from '../machinery/clock.ts'

const pollMs = 200
const blockBytes = 64 * 1024

export interface FollowOptions {
  /** Go on with what is appended, until the signal aborts. */
  readonly follow: boolean
  /** Only the last lines of what is there; 0: all of it. */
  readonly tail: number
  /** Which lines count; absent: all. */
  readonly includes?: (line: string) => boolean
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** Writes a text file by whole lines; a last line without an end is written once nothing more is awaited. */
export async function followFile(path: string, options: FollowOptions): Promise<void> {
  const { follow, tail, includes = () => true, write, signal } = options
  const file = await open(path, 'r')
  try {
    const decoder = new TextDecoder()
    const block = Buffer.alloc(blockBytes)
    let position = 0
    let unfinished = ''
    /** The next whole lines of the file; undefined at its end. */
    const read = async (): Promise<string[] | undefined> => {
      const { bytesRead } = await file.read(block, 0, block.length, position)
      if (bytesRead === 0) return undefined
      position += bytesRead
      const lines = (unfinished + decoder.decode(block.subarray(0, bytesRead), { stream: true })).split('\n')
      unfinished = lines.pop() ?? ''
      return lines.filter(includes)
    }
    const put = (lines: readonly string[]) => {
      if (lines.length > 0) write(lines.map((line) => `${visibleText(line)}\n`).join(''))
    }
    let last: string[] = []
    for (let lines = await read(); lines !== undefined; lines = await read()) {
      if (tail === 0) put(lines)
      else last = [...last, ...lines].slice(-tail)
    }
    put(last)
    while (follow && !signal.aborted) {
      const lines = await read()
      if (lines === undefined) await pause(systemClock, pollMs)
      else put(lines)
    }
    if (unfinished !== '' && includes(unfinished)) write(visibleText(unfinished))
  } finally {
    await file.close()
  }
}
