import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadAuthority } from '../../apiserver/pki/authority.ts'
import { loadServiceAccountKeys } from '../../apiserver/pki/service-account-keys.ts'
import { createTokenIssuer } from '../../apiserver/tokens/service-account-token-issuer.ts'
import { measuredWorkQueues } from '../../client/work-queue-metrics.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import type { ControllerOptions } from '../../controllers/options.ts'
import { startControllers } from '../../controllers/start-controllers.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import { leaderElectionObject } from '../../client/leader-election-object.ts'
import type { KubeconfigClients } from './kubeconfig-clients.ts'
import type { ObservedPart } from './part-server.ts'
import { serviceAccountIdentity } from './service-account-token.ts'

export interface ControllersAloneOptions {
  readonly clients: KubeconfigClients
  /** The cluster's keys as kubeadm lays them out. Absent: nothing is signed, and Secrets of accounts stay empty. */
  readonly pkiFolder?: string
  /** For how long at most certificates hold that are signed; default a year. */
  readonly certificateDurationMs?: number
  /** Absent: nodes get no networks for their pods. */
  readonly podCidrs?: readonly string[]
  readonly serviceCidrs?: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
  /** Whether they work only while they hold the lease. */
  readonly leads: boolean
}

/** The controllers of any Kubernetes, over the wire; each with the identity of its own service account. */
export function controllersAlone(options: ControllersAloneOptions): ObservedPart {
  const { clients, clock, random, log, metrics, podCidrs = [], serviceCidrs = [] } = options
  const managerClient = clients.client('controllers')
  const informers = createInformerFactory({ client: managerClient, clock, log, watchList: true })
  const controllers = startControllers({
    clientFor: (name) => clients.tokenClient(name, serviceAccountIdentity(managerClient, name, clock)),
    managerClient,
    informers,
    clock,
    random,
    log,
    metrics: measuredWorkQueues(metrics, clock),
    registry: metrics,
    options: {
      rootCa: clients.connection.ca,
      podCidrs: options.podCidrs,
      serviceCidrs: options.serviceCidrs,
      certificateDurationMs: options.certificateDurationMs,
      ...keysOf(options),
    },
  })
  return {
    name: 'controllers',
    status: {
      component: 'kube-controller-manager',
      healthy: () => controllers.running().map((name) => ({ name, check: () => {} })),
      ready: () => [],
      configuration: () => ({
        'kubecontrollermanager.config.k8s.io': {
          kind: 'KubeControllerManagerConfiguration',
          apiVersion: 'kubecontrollermanager.config.k8s.io/v1alpha1',
          Generic: {
            LeaderElection: leaderElectionObject('kube-controller-manager', options.leads),
            Controllers: ['*'],
          },
          KubeCloudShared: {
            UseServiceAccountCredentials: true,
            ClusterCIDR: podCidrs.join(','),
            AllocateNodeCIDRs: podCidrs.length > 0,
          },
          NodeIPAMController: { ServiceCIDR: serviceCidrs[0] ?? '', SecondaryServiceCIDR: serviceCidrs[1] ?? '' },
        },
      }),
    },
    start: () => controllers.start(),
    async stop() {
      await controllers.stop()
      await informers.stop()
    },
  }
}

function keysOf({
  pkiFolder,
  clock,
  random,
}: ControllersAloneOptions): Pick<ControllerOptions, 'rootCa' | 'certificateSigner' | 'issueLegacyToken'> {
  if (pkiFolder === undefined) return {}
  for (const file of ['ca.crt', 'ca.key', 'sa.key'])
    if (!existsSync(join(pkiFolder, file))) throw new Error(`${join(pkiFolder, file)} is missing`)
  const authority = loadAuthority({ base: join(pkiFolder, 'ca'), commonName: 'kubernetes', clock })
  const keys = loadServiceAccountKeys(pkiFolder)
  const issuer = createTokenIssuer({ keys, issuer: '', audiences: [], clock, random })
  return {
    rootCa: authority.certificatePem,
    certificateSigner: authority,
    issueLegacyToken: (account, secretName) => issuer.issueLegacy(account, secretName),
  }
}
