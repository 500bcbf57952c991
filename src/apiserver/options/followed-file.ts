import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'

/** Changes come in bursts: a file is written, moved, its folder's link is turned. */
const settleMs = 50

/**
 * Calls back with the text of a file whenever it changed, until the result is called. What cannot be read now is waited for.
 * The folder is watched, so that a file that is replaced is followed as well.
 */
export function followFile(
  path: string,
  options: { readonly text: string; readonly clock: Clock; readonly log: Logger },
  onChange: (text: string) => void,
): () => void {
  const { clock, log } = options
  let known = options.text
  let cancel: (() => void) | undefined
  let ended = false
  async function look(): Promise<void> {
    try {
      const text = await readFile(path, 'utf8')
      if (ended || text === known) return
      known = text
      onChange(text)
    } catch (error) {
      if (!ended) log.warn('a configuration file cannot be read', { path, error })
    }
  }
  const watcher = watch(dirname(path), { persistent: false }, () => {
    cancel ??= clock.after(settleMs, () => {
      cancel = undefined
      void look()
    })
  })
  watcher.on('error', (error) => log.warn('a configuration file is no longer followed', { path, error }))
  return () => {
    ended = true
    cancel?.()
    watcher.close()
  }
}
