import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLineOf, logFiles } from './log-files.ts'
import { clusterPaths } from './paths.ts'

const folders: Record<string, string[]> = {
  '/c/logs': ['cluster.log', 'skiff.log', 'skiff.pid'],
  '/c/nodes': ['node1'],
  '/c/nodes/node1': ['agent.log', 'containerd.log', 'machine.json'],
}
const files = logFiles(
  clusterPaths('/c'),
  (folder) => folders[folder] ?? [],
  (folder) => folder in folders,
)

test('every file and every component in it has a name', () => {
  assert.deepEqual(
    [...files.keys()].filter((name) => name.startsWith('node1/')),
    ['node1/agent', 'node1/kubelet', 'node1/proxy', 'node1/dns', 'node1/network', 'node1/containerd'],
  )
  assert.equal(files.get('node1/kubelet')?.path, '/c/nodes/node1/agent.log')
  assert.equal(files.get('scheduler')?.path, '/c/logs/cluster.log')
  assert.ok(files.has('cluster') && files.has('skiff'))
})

test('a component has its own lines only, whatever a message says', () => {
  const line = 'time=2026-01-01T00:00:00.000Z level=info component=scheduler msg="bound component=kubelet" pod=a'
  assert.ok(isLineOf('scheduler', line))
  assert.ok(!isLineOf('kubelet', line))
  assert.ok(isLineOf('controllers', 'time=x level=info controller=deployment msg=scaled'))
  assert.ok(!isLineOf('controllers', line))
})
