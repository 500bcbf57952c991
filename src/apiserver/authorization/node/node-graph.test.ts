import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../../api/core/v1/pod.ts'
import type { Lister } from '../../lister.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { createNodeGraph } from './node-graph.ts'

test('pods are read once a node asks, those of before and those of later', () => {
  const objects = createMemoryLister()
  const pod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid: name },
    spec: { nodeName: 'node1', containers: [], volumes: [{ name: 'v', secret: { secretName: `secret-of-${name}` } }] },
  })
  objects.put(pods, pod('before'))
  let watches = 0
  const lister = Object.create(objects, {
    watch: {
      value: (...args: Parameters<Lister['watch']>) => {
        watches++
        return objects.watch(...args)
      },
    },
  }) as Lister
  const graph = createNodeGraph(lister)
  assert.equal(watches, 0)
  const related = (name: string) => graph.isRelated('node1', 'secret', 'default', `secret-of-${name}`)
  assert.equal(related('before'), true)
  assert.equal(related('later'), false)
  objects.put(pods, pod('later'))
  assert.equal(related('later'), true)
  const before = watches
  assert.equal(related('nobody'), false)
  assert.equal(watches, before)
  graph.stop()
})
