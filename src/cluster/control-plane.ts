import type { UserInfo } from '../api/user.ts'
import { serverUser } from '../apiserver/access.ts'
import type { ApiServer } from '../apiserver/index.ts'
import type { Client } from '../client/client.ts'
import type { InformerFactory } from '../client/informer.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import type { ServingHosts } from '../controllers/certificates/serving-hosts.ts'
import type { Component } from '../machinery/component.ts'
import { startApiServer, type ApiServerOptions } from './api-server.ts'

export interface ControlPlaneOptions extends ApiServerOptions {
  /** PodCIDRs of nodes are cut from these. */
  readonly podCidrs: readonly string[]
  /** Absent: no volumes are made. */
  readonly localVolumeFolder?: string
  /** Absent: people approve serving certificates of kubelets. */
  readonly servingHosts?: ServingHosts
}

/** The API server, its controllers and its scheduler, in this process. */
export interface ControlPlane {
  readonly server: ApiServer
  /** A client that is this user, in process. */
  clientAs(user: UserInfo): Client
  /** Reads of the cluster process itself, as the server. */
  readonly informers: InformerFactory
  readonly client: Client
  /** Starts what works on the objects: controllers and scheduler. */
  startWorkers(): Promise<void>
  stop(): Promise<void>
}

const authenticated = 'system:authenticated'
const serviceAccountGroups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', authenticated]

/** Starts the API server and makes what every cluster has. Resolves once it answers. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { pki, clock, random, log } = options
  const signingSeconds = options.serverOptions?.['cluster-signing-duration']
  let working = false
  const apiServer = await startApiServer({ ...options, workers: () => working })
  const { server, client, clientAs, tokenIssuer } = apiServer

  const informersAs = (user: UserInfo): InformerFactory => createInformerFactory({ client: clientAs(user), clock, log })
  const informers = informersAs(serverUser)
  const managerUser: UserInfo = { name: 'system:kube-controller-manager', groups: [authenticated] }
  const managerInformers = informersAs(managerUser)
  const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: [authenticated] }
  const schedulerInformers = informersAs(schedulerUser)
  // Loaded once the server answers, for nobody waits for them before.
  const createWorkers = async (): Promise<readonly Component[]> => {
    const [{ startControllers }, { createScheduler }] = await Promise.all([
      import('../controllers/start-controllers.ts'),
      import('../scheduler/scheduler.ts'),
    ])
    return [
      startControllers({
        clientFor: (name) =>
          clientAs({ name: `system:serviceaccount:kube-system:${name}`, groups: serviceAccountGroups }),
        managerClient: clientAs(managerUser),
        metrics: apiServer.workQueues,
        registry: server.metrics,
        informers: managerInformers,
        clock,
        random,
        log,
        options: {
          rootCa: pki.clusterAuthority.certificatePem,
          certificateSigner: pki.clusterAuthority,
          certificateDurationMs: signingSeconds && signingSeconds * 1000,
          servingHosts: options.servingHosts,
          issueLegacyToken: (account, secretName) => tokenIssuer.issueLegacy(account, secretName),
          podCidrs: options.podCidrs,
          localVolumeFolder: options.localVolumeFolder,
          serviceCidrs: options.serviceCidrs,
        },
      }),
      createScheduler({
        client: clientAs(schedulerUser),
        informers: schedulerInformers,
        clock,
        random,
        log: log.child({ component: 'scheduler' }),
        metrics: server.metrics,
      }),
    ]
  }
  let workers: readonly Component[] = []
  return {
    server,
    clientAs,
    client,
    informers,
    async startWorkers() {
      workers = await createWorkers()
      await Promise.all(workers.map((worker) => worker.start()))
      working = true
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await Promise.all([managerInformers.stop(), schedulerInformers.stop(), informers.stop()])
      await apiServer.stop()
    },
  }
}
