import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { eventsV1Events } from '../api/events/v1/event.ts'
import type { Container, Node, NodeSpec, Pod, PodSpec, PodStatus } from '../api/types.generated.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import type { ObjectMeta } from '../machinery/meta/object.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { seededRandom } from '../machinery/random.ts'
import type { SchedulerConfiguration } from './configuration/types.ts'
import { createScheduler } from './scheduler.ts'

/** A node for tests; 4 cores, 8 GiB and 110 pods unless told. */
export function node(
  name: string,
  more: { allocatable?: Record<string, string>; labels?: Record<string, string>; spec?: NodeSpec } = {},
): Node {
  const { allocatable = {}, labels = {}, spec } = more
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: spec ?? {},
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
  } as unknown as Node
}

type PodOptions = Partial<Omit<PodSpec, 'containers'>> & {
  readonly requests?: Record<string, string>
  readonly containers?: readonly Partial<Container>[]
  readonly metadata?: ObjectMeta
  readonly labels?: Record<string, string>
  readonly namespace?: string
  readonly status?: PodStatus
}

/** A pod for tests, with one container. */
export function pod(name: string, options: PodOptions = {}): Pod {
  const { requests, containers, metadata, labels, namespace = 'default', status, ...spec } = options
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ...metadata },
    spec: {
      schedulerName: 'default-scheduler',
      containers: containers ?? [{ name: 'main', image: 'busybox', resources: { requests } }],
      ...spec,
    },
    status: status ?? { phase: 'Pending' },
  } as Pod
}

/** A scheduler on a fake API and a clock that stands still. */
export async function harness(configuration?: SchedulerConfiguration) {
  const clock = new VirtualClock()
  const random = seededRandom(7)
  const client = fakeClient({ clock })
  const informers = createInformerFactory({ client, clock, random, log: silentLogger })
  const metrics = new MetricsRegistry()
  const scheduler = createScheduler({ client, informers, clock, random, log: silentLogger, configuration, metrics })
  /** Lets everything happen that happens without time passing. */
  const settle = async () => {
    for (let round = 0; round < 40; round++) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const key = (name: string) => ({ namespace: 'default', name })
  return {
    client,
    clock,
    settle,
    told: () => metrics.text(),
    resources: () => scheduler.resources.text(),
    start: async () => {
      await scheduler.start()
      await settle()
    },
    addNodes: (...list: Node[]) => client.seed(nodes, ...list),
    addPods: async (...list: Pod[]) => {
      for (const item of list) await client.create(pods, item)
      await settle()
    },
    /** The node has ended the pod. */
    end: async (name: string) => {
      await client.delete(pods, key(name), { gracePeriodSeconds: 0 })
      await settle()
    },
    leaving: () =>
      client
        .objects(pods)
        .filter(({ metadata }) => metadata.deletionTimestamp)
        .map(({ metadata }) => metadata.name),
    pass: async (ms: number) => {
      await clock.advance(ms)
      await settle()
    },
    pod: (name: string) => client.get(pods, key(name)),
    nodeOf: async (name: string) => (await client.get(pods, key(name))).spec?.nodeName ?? '',
    condition: async (name: string) =>
      (await client.get(pods, key(name))).status?.conditions?.find(({ type }) => type === 'PodScheduled'),
    notes: (reason: string) =>
      client
        .objects(eventsV1Events)
        .filter((event) => event.reason === reason)
        .map(({ note }) => note),
    stop: async () => {
      await scheduler.stop()
      await informers.stop()
    },
  }
}
