import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Pod } from '../../api/types.generated.ts'
import { podCgroupValues, podGroupPath } from '../cgroups/pod-values.ts'
import { cpuQuota, cpuShares, cpuWeight, milliOfShares } from './cgroup-values.ts'
import { containerResources } from './linux-resources.ts'
import { oomScore } from './oom-score.ts'
import { podAmounts, qosClass } from './pod-resources.ts'

type Lists = NonNullable<Container['resources']>
const container = (name: string, resources: Lists = {}, more: Partial<Container> = {}): Container => ({
  name,
  resources,
  ...more,
})
const pod = (containers: Container[], spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', uid: 'u' },
  spec: { containers, ...spec },
  status: {},
})
const both = (cpu: string, memory: string): Lists => ({ requests: { cpu, memory }, limits: { cpu, memory } })

test('quality of service follows requests and limits', () => {
  assert.equal(qosClass(pod([container('a')])), 'BestEffort')
  assert.equal(qosClass(pod([container('a', both('1', '1Gi'))])), 'Guaranteed')
  assert.equal(qosClass(pod([container('a', both('1', '1Gi')), container('b')])), 'Burstable')
  // Requests are filled from limits before; without, upstream finds them unequal.
  assert.equal(qosClass(pod([container('a', { limits: { cpu: '1', memory: '1Gi' } })])), 'Burstable')
  assert.equal(qosClass(pod([container('a', { requests: { cpu: '1' } })])), 'Burstable')
  assert.equal(qosClass(pod([container('a')], { resources: both('1', '1Gi') })), 'Guaranteed')
})

test('a pod needs what all containers need, or what starting up needs, and its overhead', () => {
  const of = pod([container('a', { requests: { cpu: '100m' } }), container('b', { requests: { cpu: '200m' } })], {
    initContainers: [
      container('side', { requests: { cpu: '50m' } }, { restartPolicy: 'Always' }),
      container('init', { requests: { cpu: '500m' } }),
    ],
    overhead: { cpu: '10m' },
  })
  assert.deepEqual(podAmounts(of, 'requests'), { cpu: 560 })
  assert.deepEqual(podAmounts(of, 'requests', { withoutOverhead: true }), { cpu: 550 })
  const own = pod([container('a', { requests: { cpu: '100m' } })], { resources: { requests: { cpu: '2' } } })
  assert.deepEqual(podAmounts(own, 'requests'), { cpu: 2000 })
})

test('amounts of CPU become shares, weights and quotas within the kernel’s bounds', () => {
  assert.deepEqual([0, 1, 100, 1000, 1e9].map(cpuShares), [2, 2, 102, 1024, 262144])
  assert.deepEqual(
    [0, 1, 100, 1500].map((milli) => cpuQuota(milli)),
    [0, 1000, 10000, 150000],
  )
  assert.equal(milliOfShares(102), 100)
  assert.deepEqual([2, 1024, 262144].map(cpuWeight), [1, 100, 10000])
})

test('a container’s groups get its limits, or the pod’s', () => {
  const node = { memoryBytes: 16 * 2 ** 30, cgroupVersion: 1 as const, hugepageSizes: ['2MB'] }
  const of = pod([
    container('a', { requests: { cpu: '250m' }, limits: { cpu: '500m', memory: '64Mi', 'hugepages-2Mi': '4Mi' } }),
  ])
  assert.deepEqual(containerResources(of, of.spec.containers[0]!, node), {
    cpuShares: 256,
    cpuPeriod: 100000,
    cpuQuota: 50000,
    memoryLimitBytes: 64 * 2 ** 20,
    oomScoreAdj: 999,
    hugepageLimits: [{ pageSize: '2MB', limit: 4 * 2 ** 20 }],
    unified: undefined,
  })
  const own = pod([container('a')], { resources: { limits: { memory: '1Gi' } } })
  assert.equal(containerResources(own, own.spec.containers[0]!, node).memoryLimitBytes, 2 ** 30)
})

test('who asked for much memory is killed late', () => {
  const memory = 10 * 2 ** 30
  const burstable = pod([
    container('a', { requests: { memory: '1Gi' } }),
    container('b', { requests: { memory: '1Mi' } }),
  ])
  assert.equal(oomScore(burstable, burstable.spec.containers[0]!, memory), 900)
  assert.equal(oomScore(burstable, burstable.spec.containers[1]!, memory), 999)
  const guaranteed = pod([container('a', both('1', '1Gi'))])
  assert.equal(oomScore(guaranteed, guaranteed.spec.containers[0]!, memory), -997)
  const none = pod([container('a')])
  assert.equal(oomScore(none, none.spec.containers[0]!, memory), 1000)
  assert.equal(
    oomScore(
      { ...none, spec: { ...none.spec, priorityClassName: 'system-node-critical' } },
      none.spec.containers[0]!,
      memory,
    ),
    -997,
  )
})

test('a pod’s group lies in the tier of its quality of service and has limits only when all have', () => {
  assert.equal(podGroupPath(pod([container('a')])), '/kubepods/besteffort/podu')
  assert.equal(podGroupPath(pod([container('a', both('1', '1Gi'))])), '/kubepods/podu')
  assert.deepEqual(podCgroupValues(pod([container('a')])), { cpuShares: 2 })
  assert.deepEqual(podCgroupValues(pod([container('a', both('1', '1Gi'))])), {
    cpuShares: 1024,
    cpuQuota: 100000,
    cpuPeriod: 100000,
    memoryBytes: 2 ** 30,
  })
  const mixed = pod([
    container('a', both('1', '1Gi')),
    container('b', { limits: { cpu: '1' }, requests: { cpu: '1' } }),
  ])
  assert.deepEqual(podCgroupValues(mixed), { cpuShares: 2048, cpuQuota: 200000, cpuPeriod: 100000 })
})
