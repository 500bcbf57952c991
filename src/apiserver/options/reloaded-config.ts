import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import { followFile } from './followed-file.ts'

export interface ReloadServices {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: MetricsRegistry
}

/**
 * A configuration that counts anew whenever its file changed; what is wrong is told, and the one before stays. Counted under
 * upstream's names (apiserver pkg/server/options/{authentication,authorization,encryption}config/metrics). The result ends it.
 */
export function followConfig<T>(
  of: 'authentication' | 'authorization' | 'encryption',
  file: { readonly path: string; readonly text: string },
  { clock, log, metrics }: ReloadServices,
  reload: { readonly read: (text: string) => T | Promise<T>; readonly use: (value: T) => void },
): () => void {
  const prefix = `apiserver_${of}_config_controller_automatic_reload`
  const labels = ['apiserver_id_hash', 'status']
  const total = metrics.counter(
    `${prefix}s_total`,
    `Total number of automatic reloads of ${of} configuration split by status and apiserver identity.`,
    labels,
  )
  const last = metrics.gauge(
    `${prefix}_last_timestamp_seconds`,
    `Timestamp of the last automatic reload of ${of} configuration split by status and apiserver identity.`,
    labels,
  )
  const count = (status: 'success' | 'failure') => {
    total.labels('', status).inc()
    last.labels('', status).set(clock.now() / 1000)
  }
  async function take(text: string): Promise<void> {
    try {
      reload.use(await reload.read(text))
      count('success')
      log.info(`reloaded ${of} config`, { path: file.path })
    } catch (error) {
      count('failure')
      log.error(`the changed ${of} config is not used`, { path: file.path, why: (error as Error).message })
    }
  }
  return followFile(file.path, { text: file.text, clock, log }, (text) => void take(text))
}
