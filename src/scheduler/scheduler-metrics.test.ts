import assert from 'node:assert/strict'
import { test } from 'node:test'
import { harness, node, pod } from './scheduler-harness.ts'

const count = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1) ?? 0,
  )

test('the steps of scheduling, the plugins of one cycle in ten and what was asked are told', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a'), node('b'))
  await cluster.start()
  for (let at = 0; at < 11; at++) await cluster.addPods(pod(`p${at}`, { requests: { cpu: '100m' } }))
  const text = cluster.told()
  const step = (point: string, status = 'Success') =>
    count(
      text,
      `scheduler_framework_extension_point_duration_seconds_count{extension_point="${point}",profile="default-scheduler",status="${status}"}`,
    )
  for (const point of ['PreFilter', 'Filter', 'PreScore', 'Score', 'Reserve', 'PreBind', 'Bind'])
    assert.equal(step(point), 11, point)
  const asked = (point: string, plugin: string) =>
    count(
      text,
      `scheduler_plugin_evaluation_total{extension_point="${point}",plugin="${plugin}",profile="default-scheduler"}`,
    )
  assert.equal(asked('PreScore', 'TaintToleration'), 11)
  assert.equal(asked('Filter', 'NodeResourcesFit'), 22)
  assert.equal(asked('Score', 'NodeResourcesFit'), 22)
  assert.equal(asked('Filter', 'InterPodAffinity'), 0, 'it has nothing to say of such pods')
  const took = (point: string, plugin: string, status = 'Success') =>
    count(
      text,
      `scheduler_plugin_execution_duration_seconds_count{extension_point="${point}",plugin="${plugin}",status="${status}"}`,
    )
  assert.equal(took('PreScore', 'TaintToleration'), 2, 'the first cycle and the eleventh')
  assert.equal(took('Filter', 'NodeResourcesFit'), 4)
  assert.equal(took('PreFilter', 'InterPodAffinity', 'Skip'), 2)
  assert.equal(took('Bind', 'DefaultBinder'), 2)
  const handled = (event: string) => count(text, `scheduler_event_handling_duration_seconds_count{event="${event}"}`)
  assert.equal(handled('NodeAdd'), 2)
  assert.equal(handled('UnscheduledPodAdd'), 11)
  assert.equal(handled('AssignedPodAdd'), 11)
  await cluster.stop()
})

test('a pod that fits nowhere is told of as unschedulable at the step that found it so', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a'))
  await cluster.start()
  await cluster.addPods(pod('large', { requests: { cpu: '64' } }))
  const text = cluster.told()
  const point = (name: string, status: string) =>
    `scheduler_framework_extension_point_duration_seconds_count{extension_point="${name}",profile="default-scheduler",status="${status}"} 1`
  assert.ok(text.includes(point('Filter', 'Success')))
  assert.ok(text.includes(point('PostFilter', 'Unschedulable')))
  assert.match(
    text,
    /^scheduler_plugin_execution_duration_seconds_count\{extension_point="Filter",plugin="NodeResourcesFit",status="UnschedulableAndUnresolvable"\} 1$/m,
  )
  assert.match(text, /^scheduler_inflight_events\{event="PodPopped"\} 0$/m)
  assert.match(text, /^scheduler_goroutines\{operation="binding"\} 0$/m)
  await cluster.stop()
})

test('what pods ask for and may use is told by pod, without those that are over', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a'))
  await cluster.start()
  const limits = { cpu: '500m', memory: '1Gi' }
  const containers = [{ name: 'main', image: 'i', resources: { requests: { cpu: '250m' }, limits } }]
  await cluster.addPods(
    pod('web', { containers, priority: 7 }),
    pod('done', { containers, nodeName: 'a', status: { phase: 'Succeeded' } }),
  )
  const of = 'namespace="default",node="a",pod="web",priority="7"'
  const lines = cluster
    .resources()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  assert.deepEqual(lines, [
    `kube_pod_resource_limit{${of},resource="cpu",scheduler="default-scheduler",unit="cores"} 0.5`,
    `kube_pod_resource_limit{${of},resource="memory",scheduler="default-scheduler",unit="bytes"} 1073741824`,
    `kube_pod_resource_request{${of},resource="cpu",scheduler="default-scheduler",unit="cores"} 0.25`,
  ])
  await cluster.stop()
})
