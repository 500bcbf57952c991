import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { ResourceRef } from '../api/definition.ts'
import { kubeconfig } from '../apiserver/pki/kubeconfig.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import type { Client, ObjectKey } from '../client/client.ts'
import { startControlPlane } from '../cluster/control-plane.ts'
import { localVolumeFolder, localVolumeObjects } from '../cluster/local-volumes.ts'
import { offerObjects } from '../cluster/offered-objects.ts'
import { startSimulatedNodes } from '../cluster/node/simulated-nodes.ts'
import { clusterNetwork, type ClusterSettings } from '../cluster/settings.ts'
import { systemClock } from '../machinery/clock.ts'
import { parseYamlDocuments } from '../machinery/codec/yaml/parse-yaml.ts'
import { freePort } from '../machinery/free-port.ts'
import { createLogger, type LogLevel } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { systemRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import { refOf } from './refs.ts'
import { until } from './until.ts'

export interface TestClusterOptions {
  /** Simulated nodes that run what is scheduled to them; default 1. With 0 pods stay pending. */
  readonly nodes?: number
  /** Where the API server listens on 127.0.0.1; default: a port that is free. */
  readonly port?: number
  /** Receives the logs; default: nobody. */
  readonly log?: (line: string) => void
  readonly logLevel?: LogLevel
}

/**
 * A whole cluster inside the process of a test: API server with authentication, authorization and admission, controllers,
 * scheduler, and nodes that run pods in memory. Nothing of it outlives the process.
 */
export interface TestCluster extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly server: string
  /** The administrator's, as YAML, for any client: write it to a file, or load it. */
  readonly kubeconfig: string
  /** The administrator's client in this process, without a socket between. */
  readonly client: Client
  /** Applies objects, or a text of YAML documents, server-side. Resolves with what is stored. */
  apply(objects: string | readonly KubeObject[]): Promise<KubeObject[]>
  /**
   * Resolves with an object once it is as `wanted`, which is asked at each change; undefined: it is not there. Throws an
   * Error with the last state after `timeoutMs` (default 10,000).
   */
  until<T extends KubeObject>(
    ref: ResourceRef<T>,
    key: ObjectKey,
    wanted: (object: T | undefined) => boolean,
    options?: { readonly timeoutMs?: number },
  ): Promise<T | undefined>
  /** Ends the cluster; `await using` does so too. */
  stop(): Promise<void>
}

const clock = systemClock
const name = 'skiff-test'

/** Starts a cluster that is ready: its nodes are Ready, its default objects are there. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { nodes = 1, log: write = () => {}, logLevel = 'info' } = options
  const log = createLogger({ level: logLevel, write, now: () => clock.now() })
  const folder = mkdtempSync(join(tmpdir(), 'skiff-testing-'))
  const port = options.port ?? (await freePort())
  const server = `https://127.0.0.1:${port}`
  const network = clusterNetwork(0)
  const pki = createPki({ folder, clock })
  const localKubelets = new Map<string, () => Duplex>()
  const ends: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    const plane = await startControlPlane({
      store: createMemoryStore({ clock }),
      pki,
      listen: { addresses: ['127.0.0.1'], port, hosts: ['localhost', '127.0.0.1', 'kubernetes.default.svc'] },
      publicServer: server,
      podCidrs: [network.pods],
      localVolumeFolder,
      serviceCidrs: [network.services],
      // No address of the loopback may stand behind a service.
      advertise: { address: '198.18.255.1', port },
      localKubelets,
      clock,
      random: systemRandom,
      log,
    })
    ends.push(() => plane.stop())
    await offerObjects(plane.client, localVolumeObjects)
    await plane.startWorkers()
    if (nodes > 0) {
      const settings: ClusterSettings = {
        name,
        runtime: 'simulated',
        nodes,
        store: { engine: 'memory' },
        port,
        network,
      }
      const { signal } = new AbortController()
      const shared = { settings, controlPlane: plane, pki, localKubelets, clock, log, signal }
      const running = await startSimulatedNodes({ ...shared, progress: () => {} })
      ends.push(() => running.stop(() => {}))
    }
    const admin = pki.admin()
    const client = plane.clientAs({ name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] })
    return {
      server,
      kubeconfig: kubeconfig({
        cluster: name,
        user: `${name}-admin`,
        server,
        authorityPem: pki.clusterAuthority.certificatePem,
        clientCertificatePem: admin.certificatePem,
        clientKeyPem: admin.privateKeyPem,
      }),
      client,
      async apply(objects) {
        const applied: KubeObject[] = []
        for (const object of typeof objects === 'string' ? readObjects(objects) : objects)
          applied.push(await applyObject(client, object))
        return applied
      },
      until: (ref, key, wanted, { timeoutMs = 10_000 } = {}) =>
        until(plane.informers.for(ref), key, wanted, timeoutMs, clock),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function readObjects(yaml: string): KubeObject[] {
  return parseYamlDocuments(yaml)
    .map(({ value }) => value as KubeObject | null)
    .filter((value) => value !== null)
}

async function applyObject(client: Client, object: KubeObject): Promise<KubeObject> {
  const ref = await refOf(client, object)
  const { name: objectName = '', namespace = 'default' } = object.metadata
  const key = ref.namespaced ? { namespace, name: objectName } : { name: objectName }
  return await client.patch(ref, key, 'apply', object, { fieldManager: name, force: true })
}
