import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, test } from 'node:test'
import { http } from '../../machinery/node-http.ts'
import { configurationOf } from '../configuration/configuration.ts'
import { harness, node, pod } from '../scheduler-harness.ts'

type Handler = (verb: string, body: Record<string, unknown>) => unknown

let server: Server | undefined
let cluster: Awaited<ReturnType<typeof harness>> | undefined
afterEach(async () => {
  await cluster?.stop()
  server?.closeAllConnections()
  server?.close()
})

/** A cluster of two nodes, with an extender that answers so; undefined: with 500. */
async function clusterWith(extender: object, handler: Handler) {
  const listening = http.createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const answer = handler(request.url!.split('/').at(-1)!, JSON.parse(text) as Record<string, unknown>)
      response.statusCode = answer === undefined ? 500 : 200
      response.end(JSON.stringify(answer ?? {}))
    })
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const urlPrefix = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/scheduler/`
  cluster = await harness(configurationOf({ extenders: [{ urlPrefix, nodeCacheCapable: true, ...extender }] }))
  cluster.addNodes(node('a'), node('b'))
  await cluster.start()
  return { cluster, urlPrefix }
}

/** The extender answers over a real connection: lets as much time pass as that takes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 500 && !(await holds()); round++) await cluster!.settle()
  assert.equal(await holds(), true)
}

test('an extender leaves nodes out, prefers others and binds', async () => {
  const bound: unknown[] = []
  const { cluster } = await clusterWith({ filterVerb: 'filter', bindVerb: 'bind' }, (verb, body) => {
    if (verb === 'filter') return { NodeNames: ['b'], FailedNodes: { a: 'no' } }
    bound.push(body)
    return {}
  })
  await cluster.addPods(pod('p'))
  await until(async () => bound.length === 1)
  const { PodName, Node } = bound[0] as { PodName: string; Node: string }
  assert.deepEqual([PodName, Node], ['p', 'b'])
})

test('a preference decides where plugins see no difference', async () => {
  const { cluster } = await clusterWith({ prioritizeVerb: 'prioritize', weight: 1 }, () => [{ Host: 'b', Score: 5 }])
  await cluster.addPods(pod('p'), pod('q'))
  await until(async () => (await cluster.nodeOf('q')) !== '')
  assert.deepEqual([await cluster.nodeOf('p'), await cluster.nodeOf('q')], ['b', 'b'])
})

test('why an extender takes no node is told with the reasons of plugins', async () => {
  const { cluster } = await clusterWith({ filterVerb: 'filter' }, () => ({ FailedNodes: { a: 'no', b: 'no' } }))
  await cluster.addPods(pod('p'))
  await until(async () => (await cluster.condition('p')) !== undefined)
  const { reason, message } = (await cluster.condition('p'))!
  assert.equal(reason, 'Unschedulable')
  assert.match(message ?? '', /^0\/2 nodes are available: 2 no\. preemption: 0\/2 nodes are available: /)
})

test('without one that may be missed pods are scheduled, without another they wait', async () => {
  const missed = await clusterWith({ filterVerb: 'filter', ignorable: true }, () => undefined)
  await missed.cluster.addPods(pod('p'))
  await until(async () => (await missed.cluster.nodeOf('p')) !== '')
  await missed.cluster.stop()
  server?.closeAllConnections()
  server?.close()
  const { cluster, urlPrefix } = await clusterWith({ filterVerb: 'filter' }, () => undefined)
  await cluster.addPods(pod('q'))
  await until(async () => (await cluster.condition('q')) !== undefined)
  const condition = await cluster.condition('q')
  assert.deepEqual(
    [condition?.reason, condition?.message],
    ['SchedulerError', `failed filter with extender at URL ${urlPrefix}filter, code 500`],
  )
})

test('an extender chooses whom preemption sends away', async () => {
  const { cluster } = await clusterWith({ preemptVerb: 'preempt' }, (_, body) => ({
    NodeNameToMetaVictims: { b: (body['NodeNameToMetaVictims'] as Record<string, unknown>)['b'] },
  }))
  const large = { requests: { cpu: '3' } }
  await cluster.addPods(
    pod('there-a', { ...large, nodeName: 'a', priority: 1 }),
    pod('there-b', { ...large, nodeName: 'b', priority: 5 }),
    pod('vip', { ...large, priority: 1000 }),
  )
  await until(async () => cluster.leaving().length > 0)
  assert.deepEqual(cluster.leaving(), ['there-b'])
})

test('pods that no extender cares for are scheduled without a pause', async () => {
  let calls = 0
  const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }]
  const { cluster } = await clusterWith({ filterVerb: 'filter', managedResources }, () => {
    calls++
    return { NodeNames: ['a'] }
  })
  await cluster.addPods(pod('plain'))
  assert.notEqual(await cluster.nodeOf('plain'), '')
  assert.equal(calls, 0)
  // No node has any: the extender counts them by itself.
  await cluster.addPods(pod('special', { requests: { 'example.com/gpu': '1' } }))
  await until(async () => (await cluster.nodeOf('special')) === 'a')
})
