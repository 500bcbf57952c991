import { mkdirSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { GivenFiles } from '../../apiserver/pki/given-files.ts'
import type { IssuedCertificate } from '../../apiserver/pki/issued-certificate.ts'
import { kubeconfig } from '../../apiserver/pki/kubeconfig.ts'
import { apiServerHosts, createPki } from '../../apiserver/pki/pki.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import { flagValues } from '../../apiserver/zpages/flagz.ts'
import { startApiServer, type RunningApiServer } from '../api-server.ts'
import { beginOpenStore } from '../open-store.ts'
import { checkPort } from '../setup/preflight.ts'
import { addressIn, clusterDomain, type ServerOptionValues, type StoreSettings } from '../settings.ts'
import { takeLock } from '../state/cluster-state.ts'
import type { ClusterPaths } from '../state/paths.ts'

export interface ApiServerAloneOptions {
  readonly paths: ClusterPaths
  readonly store: StoreSettings
  readonly port: number
  /** Besides loopback. */
  readonly bindAddresses: readonly string[]
  /** What others find it at; default: the first address of this machine that is not loopback. */
  readonly advertiseAddress?: string
  readonly serviceCidr: string
  /** What others made, in place of what is made here. */
  readonly given?: GivenFiles
  /** kube-apiserver's flags that the user set. */
  readonly serverOptions?: ServerOptionValues
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** As the process was started, for `/flagz`. */
  readonly flags?: Readonly<Record<string, unknown>>
}

/**
 * The API server by itself, with kubeconfigs for who is to work on it: `kubeconfig` of the administrator,
 * `controller-manager.conf` and `scheduler.conf`, as kubeadm names them.
 */
export function apiServerAlone(options: ApiServerAloneOptions): Component {
  const { paths, port, clock, random, log } = options
  let running: RunningApiServer | undefined
  let release = () => {}
  return {
    name: 'apiserver',
    async start() {
      mkdirSync(paths.root, { recursive: true, mode: 0o700 })
      const lock = takeLock(paths)
      if ('holder' in lock) throw new Error(`process ${lock.holder.pid} works in ${paths.root} already`)
      release = lock.release
      await checkPort('127.0.0.1', port)
      const advertise = options.advertiseAddress ?? ownAddress()
      const pki = createPki({ folder: paths.pki, clock, given: options.given })
      const hosts = [advertise, ...options.bindAddresses]
      running = await startApiServer({
        store: await (await beginOpenStore(options.store, paths.store, clock, log)).store,
        pki,
        listen: {
          addresses: [...new Set(['127.0.0.1', ...options.bindAddresses])],
          port,
          hosts: apiServerHosts({ clusterDomain, serviceAddress: addressIn(options.serviceCidr, 1), hosts }),
        },
        publicServer: `https://${advertise}:${port}`,
        serviceCidrs: [options.serviceCidr],
        advertise: { address: advertise, port },
        serverOptions: options.serverOptions,
        flags: flagValues(options.flags ?? {}),
        clock,
        random,
        log,
      })
      const authorityPem = options.given?.serving
        ? pki.apiServer([]).certificatePem
        : pki.clusterAuthority.certificatePem
      const write = (file: string, user: string, certificate: IssuedCertificate) =>
        writeFileSync(
          file,
          kubeconfig({
            cluster: 'skiff',
            user,
            server: `https://127.0.0.1:${port}`,
            authorityPem,
            clientCertificatePem: certificate.certificatePem,
            clientKeyPem: certificate.privateKeyPem,
          }),
          { mode: 0o600 },
        )
      for (const name of ['controller-manager', 'scheduler']) {
        const user = `system:kube-${name}`
        write(join(paths.root, `${name}.conf`), user, pki.client(name, user))
      }
      write(paths.kubeconfig, 'skiff-admin', pki.admin())
    },
    async stop() {
      await running?.stop()
      release()
    },
  }
}

/** What is behind the service `kubernetes` must not be loopback (validation of EndpointSlices). */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, family, internal } of addresses ?? []) if (family === 'IPv4' && !internal) return address
  throw new Error('this machine has no address but loopback: choose one with --advertise-address')
}
