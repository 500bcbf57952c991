import { apiServices } from '../api/apiregistration/v1/api-service.ts'
import { customResourceDefinitions } from '../api/apiextensions/v1/custom-resource-definition.ts'
import type { ResourceDefinition } from '../api/definition.ts'
import type { UserInfo } from '../api/user.ts'
import { kinds } from '../api/kinds.ts'
import { createAccess, serverUser } from '../apiserver/access.ts'
import { endpointOf } from '../apiserver/admission/webhook/backend.ts'
import { createLocalApiServices } from '../apiserver/aggregation/local-api-services.ts'
import { RemoteApis } from '../apiserver/aggregation/remote-apis.ts'
import { connectHandlers } from '../apiserver/connect/index.ts'
import { conversionWebhook } from '../apiserver/crd/conversion-webhook.ts'
import { createCrdController } from '../apiserver/crd/crd-controller.ts'
import { createApiServer, type ApiServer } from '../apiserver/index.ts'
import type { Pki } from '../apiserver/pki/pki.ts'
import { kubernetesService } from '../apiserver/registry/service/kubernetes-service.ts'
import type { Client } from '../client/client.ts'
import { createClient } from '../client/create-client.ts'
import type { InformerFactory } from '../client/informer.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { startControllers } from '../controllers/start-controllers.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import type { Random } from '../machinery/random.ts'
import { createScheduler } from '../scheduler/scheduler.ts'
import { createCompactor } from '../store/compactor.ts'
import type { Store } from '../store/store.ts'

export interface ControlPlaneOptions {
  readonly store: Store
  readonly pki: Pki
  /** Absent: reachable in this process only. */
  readonly listen?: { readonly addresses: readonly string[]; readonly port: number; readonly hosts: readonly string[] }
  /** Where clients and nodes find the server from outside this process. */
  readonly publicServer?: string
  /** PodCIDRs of nodes are cut from these. */
  readonly podCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
  /** The address behind the service `kubernetes`. */
  readonly advertise: { readonly address: string; readonly port: number }
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
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
  const { store, pki, clock, random, log, listen } = options
  const access = createAccess({ pki, clock, random, log })
  const kubeletClient = pki.apiServerKubeletClient()
  const handlers = connectHandlers({
    lister: access.serverOptions.lister,
    kubeletTls: {
      cert: kubeletClient.certificatePem,
      key: kubeletClient.privateKeyPem,
      ca: pki.clusterAuthority.certificatePem,
    },
    clock,
    random,
  })
  const serving = listen && pki.apiServer(listen.hosts)
  const remotes = new RemoteApis({
    lister: access.serverOptions.lister,
    certificate: pki.frontProxyClient(),
    resolve: (namespace, name, port) => endpointOf(access.serverOptions.lister, random, namespace, name, port),
    clock,
    log: log.child({ component: 'aggregation' }),
  })
  const server = createApiServer({
    ...access.serverOptions,
    store,
    kinds,
    connects: new Map(Object.entries(handlers)),
    remotes,
    clock,
    random,
    log: log.child({ component: 'apiserver' }),
    listen,
    tls: serving && {
      cert: serving.certificatePem,
      key: serving.privateKeyPem,
      ca: pki.clusterAuthority.certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
    },
  })
  const { address, port } = options.advertise
  access.addPaths(server.paths, () => options.publicServer ?? `https://${address}:${port}`)
  await server.start()
  const clientAs = (user: UserInfo): Client => createClient(server.inProcess(user, user.name))
  const client = clientAs(serverUser)
  await access.connect(server.resources, client)
  await access.bootstrap({ server: options.publicServer })
  await access.serverOptions.lister.connect(server.resources, [
    customResourceDefinitions as unknown as ResourceDefinition,
    apiServices as unknown as ResourceDefinition,
  ])
  const crds = createCrdController({
    lister: access.serverOptions.lister,
    client,
    serve: (definition, all) => server.served.serve(definition, all),
    withdraw: (definition) => server.served.withdraw(definition),
    convert: conversionWebhook({ client: access.webhookClient, random }),
    clock,
    log: log.child({ component: 'crd' }),
  })
  await crds.start()
  remotes.connect(client)
  await remotes.start()
  const localApis = createLocalApiServices({
    lister: access.serverOptions.lister,
    client,
    builtIn: kinds,
    clock,
    log: log.child({ component: 'aggregation' }),
  })
  await localApis.start()
  const ownService = kubernetesService({
    store,
    lister: access.serverOptions.lister,
    writer: client,
    clock,
    log,
    serviceRanges: options.serviceCidrs,
    advertiseAddress: options.advertise.address,
    port: () => options.advertise.port,
  })
  await ownService.start()

  const informersAs = (user: UserInfo): InformerFactory => createInformerFactory({ client: clientAs(user), clock, log })
  const informers = informersAs(serverUser)
  const managerUser: UserInfo = { name: 'system:kube-controller-manager', groups: [authenticated] }
  const managerInformers = informersAs(managerUser)
  const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: [authenticated] }
  const schedulerInformers = informersAs(schedulerUser)
  const workers: Component[] = [
    createCompactor({ store, clock, log: log.child({ component: 'store' }) }),
    startControllers({
      clientFor: (name) =>
        clientAs({ name: `system:serviceaccount:kube-system:${name}`, groups: serviceAccountGroups }),
      managerClient: clientAs(managerUser),
      informers: managerInformers,
      clock,
      random,
      log,
      options: {
        rootCa: pki.clusterAuthority.certificatePem,
        certificateSigner: pki.clusterAuthority,
        issueLegacyToken: (account, secretName) => access.serverOptions.tokenIssuer.issueLegacy(account, secretName),
        podCidrs: options.podCidrs,
        serviceCidrs: options.serviceCidrs,
      },
    }),
    createScheduler({
      client: clientAs(schedulerUser),
      informers: schedulerInformers,
      clock,
      random,
      log: log.child({ component: 'scheduler' }),
    }),
  ]
  return {
    server,
    clientAs,
    client,
    informers,
    async startWorkers() {
      await Promise.all(workers.map((worker) => worker.start()))
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await Promise.all([crds.stop(), remotes.stop(), localApis.stop(), ownService.stop()])
      await Promise.all([managerInformers.stop(), schedulerInformers.stop(), informers.stop()])
      access.stop()
      await server.stop()
      await store.close()
    },
  }
}
