import type { Pki } from '../../apiserver/pki/pki.ts'
import { serverOptions, type ServerOptionValues } from '../../apiserver/options/server-options.ts'
import { type Clock, systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { type RunningApiServer, startApiServer } from '../api-server.ts'

/** On which nobody waits long. */
const hastyClock: Clock = {
  ...systemClock,
  after: (delayMs, callback, options) => systemClock.after(delayMs / 10, callback, options),
}

/** Our API server, by itself. */
export async function startOurs(
  pki: Pki,
  values: ServerOptionValues,
  clock: Clock = hastyClock,
): Promise<RunningApiServer & { readonly port: number }> {
  const port = await freePort()
  const running = await startApiServer({
    store: createMemoryStore({ clock: systemClock }),
    pki,
    listen: { addresses: ['127.0.0.1'], port, hosts: ['127.0.0.1', 'localhost'] },
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '192.0.2.1', port },
    clock,
    random: systemRandom,
    log: silentLogger,
    serverOptions: values,
  })
  return { ...running, port }
}

/** The same for upstream's binary. */
export function flagsOf(values: ServerOptionValues): string[] {
  return Object.entries(values).map(([name, value]) => {
    const { type } = serverOptions[name as keyof ServerOptionValues]
    return `--${name}=${type === 'duration' ? `${String(value)}s` : String(value)}`
  })
}
