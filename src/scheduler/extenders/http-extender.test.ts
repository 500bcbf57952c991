import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeInfo } from '../cache/node-info.ts'
import { PodInfo } from '../cache/pod-info.ts'
import type { ExtenderConfiguration } from '../configuration/types.ts'
import { node, pod } from '../scheduler-harness.ts'
import { httpExtender } from './http-extender.ts'

const infos = ['a', 'b'].map((name) => new NodeInfo(name, node(name)))
const info = (options: Parameters<typeof pod>[1] = {}) =>
  new PodInfo(pod('p', { metadata: { name: 'p', namespace: 'default', uid: 'u' }, ...options }))

function asked(configuration: Partial<ExtenderConfiguration>, answer: unknown) {
  const sent: { readonly verb: string; readonly body: Record<string, unknown> }[] = []
  const extender = httpExtender({
    configuration: { urlPrefix: 'http://ext', httpTimeout: '0s', ...configuration },
    post: async (_, verb, body) => {
      sent.push({ verb, body: body as Record<string, unknown> })
      return answer
    },
    nodeNamed: (name) => infos.find((one) => one.name === name),
  })
  return { extender, sent }
}

test('one that keeps nodes itself is told names, and answers with names, however it writes its members', async () => {
  const { extender, sent } = asked(
    { filterVerb: 'filter', nodeCacheCapable: true },
    { nodenames: ['b'], failedNodes: { a: 'no' } },
  )
  const { nodes, failed } = await extender.filter(info(), infos)
  assert.deepEqual([nodes.map(({ name }) => name), failed], [['b'], { a: 'no' }])
  const { NodeNames, Nodes, Pod } = sent[0]!.body
  assert.deepEqual(
    [sent[0]!.verb, NodeNames, Nodes, (Pod as { kind: string }).kind],
    ['filter', ['a', 'b'], null, 'Pod'],
  )
})

test('others are sent whole nodes, and those that come back count as empty', async () => {
  const { extender, sent } = asked({ filterVerb: 'filter' }, { Nodes: { items: [node('a')] } })
  const { nodes } = await extender.filter(info(), infos)
  assert.deepEqual(
    nodes.map(({ name, pods }) => [name, pods.size]),
    [['a', 0]],
  )
  assert.equal((sent[0]!.body['Nodes'] as { items: unknown[] }).items.length, 2)
})

test('an answer that names strangers, or says that something is wrong, is an error', async () => {
  const strange = asked({ filterVerb: 'f', nodeCacheCapable: true }, { NodeNames: ['z'] }).extender
  await assert.rejects(strange.filter(info(), infos), {
    message: 'extender "http://ext" claims a filtered node "z" which is not found in the input node list',
  })
  await assert.rejects(asked({ bindVerb: 'b' }, { Error: 'full' }).extender.bind(info(), 'a'), { message: 'full' })
})

test('scores are 0 to 10, weighed, as much as a plugin’s 0 to 100', async () => {
  const { extender } = asked({ prioritizeVerb: 'p', weight: 3 }, [{ Host: 'a', Score: 7 }])
  assert.deepEqual([...(await extender.prioritize(info(), infos))], [['a', 210]])
})

test('one that manages resources is asked about pods that ask for them only', () => {
  const { extender } = asked({ managedResources: [{ name: 'example.com/gpu' }] }, {})
  assert.equal(extender.isInterested(info()), false)
  assert.equal(extender.isInterested(info({ requests: { 'example.com/gpu': '1' } })), true)
})

test('victims travel by uid to one that keeps nodes itself, and come back by uid', async () => {
  const victim = new PodInfo(pod('v', { nodeName: 'a', metadata: { name: 'v', namespace: 'default', uid: 'v1' } }))
  infos[0]!.addPod(victim)
  const { extender, sent } = asked(
    { preemptVerb: 'preempt', nodeCacheCapable: true },
    { NodeNameToMetaVictims: { a: { Pods: [{ UID: 'v1' }], NumPDBViolations: 1 } } },
  )
  const left = await extender.preempt(info(), new Map([['a', { pods: [victim], budgetViolations: 0 }]]))
  assert.deepEqual(sent[0]!.body['NodeNameToMetaVictims'], { a: { Pods: [{ UID: 'v1' }], NumPDBViolations: 0 } })
  assert.deepEqual([left.get('a')?.pods, left.get('a')?.budgetViolations], [[victim], 1])
})
