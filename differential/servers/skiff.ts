import { createPki } from '../../src/apiserver/pki/pki.ts'
import { startApiServer } from '../../src/cluster/api-server.ts'
import { systemClock } from '../../src/machinery/clock.ts'
import { createLogger } from '../../src/machinery/log.ts'
import { systemRandom } from '../../src/machinery/random.ts'
import { createMemoryStore } from '../../src/store/memory/store.ts'
import { requestUser, runtimeConfig, serviceCidr, type Server } from './server.ts'

/** Skiff's API server in this process, on loopback, over memory. */
export async function startSkiff(folder: string, port: number, gates: readonly string[]): Promise<Server> {
  const pki = createPki({ folder: `${folder}/pki`, clock: systemClock })
  const running = await startApiServer({
    store: createMemoryStore(),
    pki,
    listen: { addresses: ['127.0.0.1'], port, hosts: ['127.0.0.1'] },
    serviceCidrs: [serviceCidr],
    // No loopback address, which the service kubernetes would not take.
    advertise: { address: '192.0.2.1', port },
    serverOptions: {
      'runtime-config': runtimeConfig,
      'feature-gates': gates,
      'enable-admission-plugins': ['PodGroupProtection'],
    },
    clock: systemClock,
    random: systemRandom,
    log: createLogger({
      level: 'warn',
      write: (line) => console.error(`skiff: ${line}`),
      now: () => systemClock.now(),
    }),
  })
  const { certificatePem, privateKeyPem } = pki.client('differential', requestUser.name, requestUser.groups)
  return {
    name: 'skiff',
    port,
    authorityPem: pki.clusterAuthority.certificatePem,
    clientCertificatePem: certificatePem,
    clientKeyPem: privateKeyPem,
    stop: () => running.stop(),
  }
}
