/**
 * `npm run differential:scheduler [-- --cases N] [--seed N] [--only N] [--config FILE] [--verbose]
 * [--with FEATURE]`: the same clusters, made by chance, twice on
 * Skiff's API server; upstream's kube-scheduler decides in one of them and Skiff's in the other, pod by pod. Compares where
 * pods go, what they are told, and who is sent away for them. Needs upstream's binary (conformance/kit/build.sh). Exits
 * with 1 unless every difference is explained. `--configurations`: what both say of configurations instead.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/machinery/random.ts'
import { clientOf } from '../servers/client.ts'
import { startSkiff } from '../servers/skiff.ts'
import { compareConfigurations } from './configurations.ts'
import { calm, namespaces, priorities, type SchedulingCase, schedulingCase } from './generate.ts'
import { kubeconfigOf, scoresIn, startSkiffScheduler, startUpstreamScheduler } from './schedulers.ts'
import { Side, type Verdict } from './side.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    config: { type: 'string' },
    configurations: { type: 'boolean' },
    verbose: { type: 'boolean' },
    with: { type: 'string', multiple: true },
    port: { type: 'string' },
  },
})
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const folder = mkdtempSync(join(tmpdir(), 'skiff-differential-scheduler-'))
const port = Number(values.port ?? 31_000 + (process.pid % 900))
if (values.configurations) {
  // Nobody is asked: the file only has to be one.
  const server = { name: 'skiff', port, authorityPem: '', clientCertificatePem: '', clientKeyPem: '' } as const
  const kubeconfig = kubeconfigOf({ ...server, stop: async () => {} }, join(folder, 'nobody.conf'))
  const { cases, explained, unexplained } = await compareConfigurations(kubeconfig, folder, console.log)
  console.log(`${cases} cases, ${explained} explained, ${unexplained} unexplained`)
  rmSync(folder, { recursive: true, force: true })
  process.exit(unexplained > 0 ? 1 : 0)
}
const servers = [
  await startSkiff(join(folder, 'a'), port, []),
  await startSkiff(join(folder, 'b'), port + 1, []),
] as const
const clients = servers.map(clientOf)
const sides = clients.map(({ send }) => new Side(send)) as [Side, Side]
const upstream = startUpstreamScheduler(kubeconfigOf(servers[0], join(folder, 'a.conf')), folder, values.config)
const skiff = startSkiffScheduler(kubeconfigOf(servers[1], join(folder, 'b.conf')), folder, values.config)
const both = <T>(task: (side: Side) => Promise<T>): Promise<[T, T]> => Promise.all([task(sides[0]), task(sides[1])])

let judged = 0
const outcomes = new Map<string, number>()
let explained = 0
const unexplained: string[] = []
try {
  await both(prepare)
  await pause(2500)
  for (let index = 1; index <= Number(values.cases); index++) {
    const one = schedulingCase(seededRandom(Number(values.seed) * 10_000 + index), index, values.with)
    if (values.only === undefined || Number(values.only) === index) await compare(one)
  }
  for (const text of unexplained) console.log(text)
  for (const [outcome, count] of outcomes) console.log(`${count} × ${outcome || 'expected on a node'}`)
  console.log(`${judged} cases, ${explained} explained, ${unexplained.length} unexplained`)
  process.exitCode = unexplained.length > 0 ? 1 : 0
} finally {
  await Promise.all([upstream.stop(), skiff.stop()])
  for (const client of clients) client.close()
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(folder, { recursive: true, force: true })
}

async function prepare(side: Side): Promise<void> {
  for (const [name, labels] of Object.entries(namespaces)) {
    await side.create('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels } })
    await side.create(`/api/v1/namespaces/${name}/serviceaccounts`, {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: { name: 'default' },
    })
  }
  for (const [name, value] of Object.entries(priorities))
    await side.create('/apis/scheduling.k8s.io/v1/priorityclasses', {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      ...(name === calm && { preemptionPolicy: 'Never' }),
    })
}

async function compare(one: SchedulingCase): Promise<void> {
  const collections = one.objects.map(([path]) => path)
  try {
    await both(async (side) => {
      for (const [path, object] of one.objects) await side.create(path, object)
      for (const node of one.nodes) await side.addNode(node)
      for (const pod of one.present) await side.addPod(pod)
    })
    await pause(300)
    for (const pod of one.judged) {
      const [theirs, ours] = await both((side) => side.judge(pod))
      judged++
      const outcome = theirs.node !== '' ? 'on a node' : theirs.victims.length > 0 ? 'others sent away' : theirs.reason
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      const key = podKey(pod)
      const difference = differenceOf(theirs, ours, key)
      if (difference === 'explained') explained++
      else if (difference !== undefined)
        unexplained.push(
          `case ${one.name}, ${key}: ${difference}\n  upstream ${JSON.stringify(theirs)}\n  skiff    ${JSON.stringify(ours)}${
            values.verbose
              ? `\n  pod ${JSON.stringify(pod)}\n  nodes ${JSON.stringify(one.nodes)}\n  pods ${JSON.stringify(one.present)}\n  objects ${JSON.stringify(one.objects)}`
              : ''
          }`,
        )
      // Others were sent away here and there: the clusters are no longer the same.
      if (difference !== undefined && theirs.victims.join() !== ours.victims.join()) break
      // Claims stay where they were allocated.
      if (difference !== undefined && theirs.devices !== '') break
      // From here on both clusters are the same again: with the pod where upstream had it, or without it.
      await both((side) => settle(side, pod, theirs))
      await pause(120)
    }
  } finally {
    await both((side) => side.clear(collections))
    await pause(150)
  }
}

async function settle(side: Side, pod: SchedulingCase['judged'][number], { node }: Verdict): Promise<void> {
  const { name, namespace } = pod['metadata'] as { readonly name: string; readonly namespace: string }
  await side.remove(`/api/v1/namespaces/${namespace}/pods/${name}`)
  for (const other of await side.pods())
    if (other.metadata.deletionTimestamp !== undefined)
      await side.remove(`/api/v1/namespaces/${other.metadata.namespace}/pods/${other.metadata.name}`)
  if (node === '') return
  const { schedulingGates: _, ...spec } = pod['spec'] as Record<string, unknown>
  await side.addPod({ ...pod, spec: { ...spec, nodeName: node } })
}

function podKey(pod: SchedulingCase['judged'][number]): string {
  const { name, namespace } = pod['metadata'] as { readonly name: string; readonly namespace: string }
  return `${namespace}/${name}`
}

/** Undefined: none that counts. */
function differenceOf(theirs: Verdict, ours: Verdict, pod: string): string | undefined {
  const same = (field: keyof Verdict) => JSON.stringify(theirs[field]) === JSON.stringify(ours[field])
  const fields: (keyof Verdict)[] = ['reason', 'message', 'victims', 'events', 'node', 'nominated', 'devices']
  const different = fields.filter((field) => !same(field))
  if (different.length === 0) return undefined
  // Of nodes that fail differently upstream tells whichever was first, side by side as it asks them.
  const failed = ({ message }: Verdict) => message.startsWith('running "DynamicResources" filter plugin: ')
  if (failed(theirs) && failed(ours) && same('reason')) return 'explained'
  // Of nodes that score the same each scheduler takes any; likewise of nodes on which as much harm is done.
  if (theirs.node !== '' && ours.node !== '' && same('reason') && same('victims')) {
    const scores = scoresIn(upstream.log, pod)
    const best = Math.max(...scores.values())
    if (scores.get(ours.node) === best) return 'explained'
    return `scores ${JSON.stringify(Object.fromEntries(scores))}`
  }
  if (theirs.nominated !== '' && ours.nominated !== '' && theirs.nominated !== ours.nominated) {
    const withoutNode = (verdict: Verdict) =>
      JSON.stringify([verdict.message, verdict.events, verdict.victimPriorities]).replaceAll(
        `on node ${verdict.nominated}`,
        'on node X',
      )
    if (withoutNode(theirs) === withoutNode(ours)) return 'explained'
  }
  return different.join(', ')
}
