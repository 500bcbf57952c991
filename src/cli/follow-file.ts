import { open } from 'node:fs/promises'
import { pause, systemClock } from '../machinery/clock.ts'

const pollMs = 200
const blockBytes = 64 * 1024

/** Writes a text file, its last lines only when `tail` > 0, and with `follow` what is appended until the signal aborts. */
export async function followFile(
  path: string,
  options: { follow: boolean; tail: number; write: (text: string) => void; signal: AbortSignal },
): Promise<void> {
  const file = await open(path, 'r')
  try {
    const decoder = new TextDecoder()
    let position = 0
    if (options.tail > 0) {
      const lines = (await file.readFile('utf8')).split('\n')
      const end = lines.at(-1) === '' ? -1 : undefined
      position = (await file.stat()).size
      options.write(
        lines
          .slice(0, end)
          .slice(-options.tail)
          .map((line) => `${line}\n`)
          .join(''),
      )
    }
    const block = Buffer.alloc(blockBytes)
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length, position)
      position += bytesRead
      if (bytesRead > 0) options.write(decoder.decode(block.subarray(0, bytesRead), { stream: true }))
      else if (!options.follow || options.signal.aborted) return
      else await pause(systemClock, pollMs)
    }
  } finally {
    await file.close()
  }
}
