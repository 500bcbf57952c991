import type { Pki } from '../../apiserver/pki/pki.ts'
import type { ServerOptionValues } from '../../apiserver/options/server-options.ts'
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
  serverOptions: ServerOptionValues,
): Promise<RunningApiServer & { readonly port: number }> {
  const port = await freePort()
  const running = await startApiServer({
    store: createMemoryStore({ clock: systemClock }),
    pki,
    listen: { addresses: ['127.0.0.1'], port, hosts: ['127.0.0.1', 'localhost'] },
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '192.0.2.1', port },
    clock: hastyClock,
    random: systemRandom,
    log: silentLogger,
    serverOptions,
  })
  return { ...running, port }
}
