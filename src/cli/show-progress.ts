import { visibleText } from '../machinery/visible-text.ts'
import type { Progress, ProgressEvent } from '../cluster/progress.ts'

/** Shows the steps of long work: on a terminal the step that runs, and for each that is done a line with its time. */
export function showProgress(options: { write: (text: string) => void; interactive: boolean }): Progress {
  const clear = options.interactive ? '\r\x1b[K' : ''
  return (event: ProgressEvent) => {
    if (event.type === 'step') {
      if (options.interactive) options.write(`${clear}  … ${event.name}`)
    } else if (event.type === 'done') {
      const detail = event.detail === undefined ? '' : `: ${event.detail}`
      options.write(
        `${clear}  ✓ ${visibleText(`${event.name}${detail}`)} (${(event.milliseconds / 1000).toFixed(2)} s)\n`,
      )
    } else options.write(`${clear}  ${visibleText(event.text)}\n`)
  }
}
