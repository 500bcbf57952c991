/**
 * Pods bound per second, from their creation to their binding, with an API in memory: what the scheduler itself can do.
 * `bench/scheduler.ts [nodes] [pods]`.
 */
import { replicaSets } from '../src/api/apps/v1/replica-set.ts'
import { nodes } from '../src/api/core/v1/node.ts'
import { pods } from '../src/api/core/v1/pod.ts'
import type { PodSpec } from '../src/api/types.generated.ts'
import { fakeClient } from '../src/client/fake/fake-client.ts'
import { createInformerFactory } from '../src/client/informer-factory.ts'
import { systemClock } from '../src/machinery/clock.ts'
import { silentLogger } from '../src/machinery/log.ts'
import type { KubeObject } from '../src/machinery/meta/object.ts'
import { seededRandom } from '../src/machinery/random.ts'
import { createScheduler } from '../src/scheduler/scheduler.ts'

const nodeCount = Number(process.argv[2] ?? 1000)
const podCount = Number(process.argv[3] ?? 5000)
const print = (line: string) => process.stdout.write(`${line}\n`)

type Workload = (index: number) => { owner?: string; spec: Partial<PodSpec> }
const app = (index: number) => `app-${index % 10}`
const workloads: Record<string, Workload> = {
  'plain pods': () => ({ spec: {} }),
  'replicas of 10 deployments': (index) => ({ owner: app(index), spec: {} }),
  'hard spreading over zones': (index) => ({
    owner: app(index),
    spec: {
      topologySpreadConstraints: [
        {
          topologyKey: 'topology.kubernetes.io/zone',
          maxSkew: 1,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: app(index) } },
        },
      ],
    },
  }),
  'anti-affinity by host': (index) => ({
    owner: `app-${index % Math.ceil(podCount / 200)}`,
    spec: {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'kubernetes.io/hostname',
              labelSelector: { matchLabels: { app: `app-${index % Math.ceil(podCount / 200)}` } },
            },
          ],
        },
      },
    },
  }),
}

async function measure(name: string, workload: Workload): Promise<void> {
  const client = fakeClient()
  const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
  const scheduler = createScheduler({
    client,
    informers,
    clock: systemClock,
    random: seededRandom(1),
    log: silentLogger,
    events: { event: () => {}, flushed: async () => {}, stop: () => {} },
  })
  for (let index = 0; index < nodeCount; index++) {
    const labels = { 'kubernetes.io/hostname': `node-${index}`, 'topology.kubernetes.io/zone': `zone-${index % 3}` }
    client.seed(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `node-${index}`, labels },
      status: { allocatable: { cpu: '32', memory: '128Gi', pods: '110' } },
    } as KubeObject)
  }
  const owners = new Set<string>()
  for (let index = 0; index < podCount; index++) {
    const { owner } = workload(index)
    if (owner && !owners.has(owner)) {
      owners.add(owner)
      client.seed(replicaSets, {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: owner, namespace: 'default' },
        spec: { selector: { matchLabels: { app: owner } } },
      } as KubeObject)
    }
  }
  await scheduler.start()
  const informer = informers.for(pods)
  await informer.whenSynced()
  let bound = 0
  const begin = systemClock.monotonic()
  await new Promise<void>((resolve) => {
    informer.subscribe({
      updated: (pod, old) => {
        if (pod.spec?.nodeName && !old.spec?.nodeName && ++bound === podCount) resolve()
      },
    })
    void (async () => {
      for (let index = 0; index < podCount; index++) {
        const { owner, spec } = workload(index)
        const ownerReferences = owner
          ? [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }]
          : undefined
        await client.create(pods, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: `pod-${index}`,
            namespace: 'default',
            labels: owner ? { app: owner } : {},
            ownerReferences,
          },
          spec: {
            schedulerName: 'default-scheduler',
            containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
            ...spec,
          },
          status: { phase: 'Pending' },
        } as KubeObject)
        if (index % 50 === 49) await new Promise((next) => setImmediate(next))
      }
    })()
  })
  const seconds = (systemClock.monotonic() - begin) / 1000
  print(
    `${name.padEnd(28)}${Math.round(podCount / seconds)
      .toString()
      .padStart(7)} pods/s`,
  )
  await scheduler.stop()
  await informers.stop()
}

print(`${podCount} pods on ${nodeCount} nodes`)
for (const [name, workload] of Object.entries(workloads)) await measure(name, workload)
