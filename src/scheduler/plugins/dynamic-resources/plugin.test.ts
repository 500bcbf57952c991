import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceClasses } from '../../../api/resource/v1/device-class.ts'
import { resourceClaims } from '../../../api/resource/v1/resource-claim.ts'
import { resourceSlices } from '../../../api/resource/v1/resource-slice.ts'
import type { DeviceClass, Pod, ResourceSlice } from '../../../api/types.generated.ts'
import { fakeClient } from '../../../client/fake/fake-client.ts'
import { VirtualClock } from '../../../machinery/clock.ts'
import { seededRandom } from '../../../machinery/random.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { PodInfo } from '../../cache/pod-info.ts'
import { CycleState } from '../../framework/cycle-state.ts'
import { harness, node, pod } from '../../scheduler-harness.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { fixture } from '../fixture.ts'
import { dynamicResources } from './plugin.ts'

const claim = (name: string, status: object, metadata: object = {}) =>
  ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpus' } }] } },
    status,
  }) as unknown as KubeObject
const on = (hostname: string) => ({
  allocation: {
    nodeSelector: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] },
      ],
    },
  },
})
const gpus = { kind: 'DeviceClass', metadata: { name: 'gpus' } } as unknown as KubeObject
const using = pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }], metadata: { uid: 'u' } })
const nodes = [node('a'), node('b')]
const client = fakeClient()
const make = (lookups: Lookups) =>
  dynamicResources({ client, lookups, clock: new VirtualClock(), random: seededRandom(1) })
const judge = (subject: ReturnType<typeof pod>, ...others: KubeObject[]) => {
  const { filter, lookups } = fixture({ nodes, others })
  return filter(make(lookups), subject)
}

test('a pod goes where its claim was allocated', () => {
  assert.deepEqual(judge(using, claim('mine', on('b'))), {
    a: 'unresolvable: resourceclaim not available on the node',
    b: '',
  })
  assert.deepEqual(judge(pod('none')), { a: '', b: '' })
})

test('a claim that is missing, going, another’s or not allocated keeps its pod waiting', () => {
  assert.equal(judge(using), 'unresolvable: could not find ResourceClaim "default/mine"')
  assert.equal(
    judge(using, claim('mine', {}, { deletionTimestamp: 'now' })),
    'unresolvable: resourceclaim "mine" is being deleted',
  )
  assert.equal(judge(using, claim('mine', {})), 'unresolvable: request gpu: device class gpus does not exist')
  assert.deepEqual(judge(using, claim('mine', {}), gpus), {
    a: 'unresolvable: cannot allocate all claims',
    b: 'unresolvable: cannot allocate all claims',
  })
  const templated = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }], metadata: { uid: 'u' } }
  assert.equal(judge(pod('p', templated)), 'unresolvable: pod "default/p": ResourceClaim not created yet')
  const resourceClaimStatuses = [{ name: 'gpu', resourceClaimName: 'made' }]
  assert.equal(
    judge(pod('p', { ...templated, status: { resourceClaimStatuses } }), claim('made', {})),
    'unresolvable: ResourceClaim default/made was not created for Pod default/p (Pod is not owner)',
  )
})

test('a claim is reserved for its pod before the pod is bound', async () => {
  const [stored] = client.seed(resourceClaims, claim('mine', on('a')))
  const { lookups, cache } = fixture({ nodes, others: [{ ...stored!, kind: 'ResourceClaim' }] })
  const plugin = make(lookups)
  const state = new CycleState()
  plugin.preFilter!(state, new PodInfo(using), cache.nodes)
  await plugin.preBind!(state, new PodInfo(using), 'a')
  assert.deepEqual(client.objects(resourceClaims)[0]!.status.reservedFor, [{ resource: 'pods', name: 'p', uid: 'u' }])
})

test('a pod with a volume claim that is missing hears what upstream’s plugin has to add', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a'))
  await cluster.start()
  await cluster.addPods(pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'none' } }] }))
  assert.equal(
    (await cluster.condition('web'))?.message,
    '0/1 nodes are available: persistentvolumeclaim "none" not found. not found',
  )
  await cluster.stop()
})

const slice = (name: string, node: string, ...devices: string[]) =>
  ({
    kind: 'ResourceSlice',
    metadata: { name },
    spec: {
      driver: 'gpu.example.com',
      pool: { name: node, generation: 1, resourceSliceCount: 1 },
      nodeName: node,
      devices: devices.map((device) => ({ name: device })),
    },
  }) as unknown as ResourceSlice
const wanting = (name: string, spec: object = {}) => ({
  ...claim(name, {}),
  metadata: { name, namespace: 'default' },
  spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpus', count: 1 } }] }, ...spec },
})
const userOf = (name: string, claimName: string) =>
  pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: claimName }] })

async function clusterWith(...slices: ResourceSlice[]) {
  const cluster = await harness()
  cluster.addNodes(node('a'), node('b'))
  cluster.client.seed(deviceClasses, { ...gpus, spec: {} } as unknown as DeviceClass)
  cluster.client.seed(resourceSlices, ...slices)
  await cluster.start()
  return cluster
}
const chosen = (cluster: Awaited<ReturnType<typeof clusterWith>>, name: string) =>
  cluster.client
    .objects(resourceClaims)
    .find(({ metadata }) => metadata.name === name)
    ?.status.allocation?.devices?.results?.map(({ pool, device }) => `${pool}/${device}`)

test('devices are allocated where they are, each once, and a claim that is freed lets the next pod in', async () => {
  const cluster = await clusterWith(slice('s', 'b', 'gpu-0'))
  cluster.client.seed(resourceClaims, wanting('one') as KubeObject, wanting('two') as KubeObject)
  await cluster.addPods(userOf('first', 'one'), userOf('second', 'two'))
  assert.equal(await cluster.nodeOf('first'), 'b')
  assert.deepEqual(chosen(cluster, 'one'), ['b/gpu-0'])
  assert.equal(
    (await cluster.condition('second'))?.message,
    '0/2 nodes are available: 2 cannot allocate all claims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  )
  assert.equal(cluster.notes('FailedScheduling').length, 1, 'what the pod is told is no reason to try it again')
  const key = { namespace: 'default', name: 'one' }
  await cluster.client.patch(resourceClaims, key, 'merge', { status: { allocation: null } }, { subresource: 'status' })
  await cluster.pass(10_000)
  assert.equal(await cluster.nodeOf('second'), 'b')
  assert.deepEqual(chosen(cluster, 'two'), ['b/gpu-0'])
  await cluster.stop()
})

test('two pods share a claim: the second waits for its allocation, and goes to the same node', async () => {
  const cluster = await clusterWith(slice('s', 'b', 'gpu-0'))
  cluster.client.seed(resourceClaims, wanting('one') as KubeObject)
  await cluster.addPods(userOf('first', 'one'), userOf('second', 'one'))
  await cluster.pass(10_000)
  assert.deepEqual([await cluster.nodeOf('first'), await cluster.nodeOf('second')], ['b', 'b'])
  const [stored] = cluster.client.objects(resourceClaims)
  assert.deepEqual(
    stored!.status.reservedFor?.map(({ name }) => name),
    ['first', 'second'],
  )
  assert.deepEqual(stored!.metadata.finalizers, ['resource.kubernetes.io/delete-protection'])
  await cluster.stop()
})

test('a slice that comes later helps, and earlier alternatives are preferred', async () => {
  const cluster = await clusterWith()
  const alternatives = ['two', 'one'].map((name, index) => ({ name, deviceClassName: 'gpus', count: 2 - index }))
  const spec = { devices: { requests: [{ name: 'gpu', firstAvailable: alternatives }] } }
  cluster.client.seed(resourceClaims, wanting('mine', spec) as KubeObject)
  await cluster.addPods(userOf('web', 'mine'))
  assert.equal(await cluster.nodeOf('web'), '')
  cluster.client.seed(resourceSlices, slice('s', 'a', 'gpu-0'), slice('t', 'b', 'gpu-0', 'gpu-1'))
  await cluster.pass(10_000)
  assert.equal(await cluster.nodeOf('web'), 'b')
  assert.deepEqual(chosen(cluster, 'mine'), ['b/gpu-0', 'b/gpu-1'])
  await cluster.stop()
})

test('an allocation of no use is given back when nobody else uses it', async () => {
  const cluster = await clusterWith(slice('s', 'b', 'gpu-0'))
  cluster.client.seed(resourceClaims, claim('mine', on('gone')))
  await cluster.addPods(userOf('web', 'mine'))
  await cluster.pass(10_000)
  assert.equal(await cluster.nodeOf('web'), 'b')
  assert.deepEqual(chosen(cluster, 'mine'), ['b/gpu-0'])
  await cluster.stop()
})

test('a pod waits until its device is ready, and starts over when the device fails', async () => {
  const ready = { bindingConditions: ['ready'], bindingFailureConditions: ['broken'] }
  const conditional = (name: string, at: string) => {
    const plain = slice(name, at, 'gpu-0')
    return { ...plain, spec: { ...plain.spec, devices: [{ name: 'gpu-0', ...ready }] } } as ResourceSlice
  }
  const cluster = await clusterWith(conditional('s', 'b'))
  cluster.client.seed(resourceClaims, wanting('mine') as KubeObject)
  await cluster.addPods(userOf('web', 'mine'))
  assert.deepEqual([await cluster.nodeOf('web'), chosen(cluster, 'mine')], ['', ['b/gpu-0']])
  assert.deepEqual(cluster.notes('BindingConditionsPending'), ['waiting for binding conditions for device on node b'])
  const condition = { type: 'ready', status: 'True', reason: 'Up', message: '', lastTransitionTime: null }
  const devices = [{ driver: 'gpu.example.com', pool: 'b', device: 'gpu-0', conditions: [condition] }]
  const key = { namespace: 'default', name: 'mine' }
  await cluster.client.patch(resourceClaims, key, 'merge', { status: { devices } }, { subresource: 'status' })
  await cluster.pass(5000)
  assert.equal(await cluster.nodeOf('web'), 'b')
  await cluster.stop()
})

test('devices stand for an extended resource on nodes that do not offer it', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a'), node('b'))
  const spec = { extendedResourceName: 'example.com/gpu' }
  cluster.client.seed(deviceClasses, { ...gpus, spec } as unknown as DeviceClass)
  cluster.client.seed(resourceSlices, slice('s', 'b', 'gpu-0', 'gpu-1'))
  await cluster.start()
  await cluster.addPods(pod('web', { requests: { cpu: '1', 'example.com/gpu': '2' } }))
  assert.equal(await cluster.nodeOf('web'), 'b')
  const [made] = cluster.client.objects(resourceClaims)
  assert.match(made!.metadata.name!, /^web-extended-resources-/)
  const requestName = 'container-0-request-1'
  assert.deepEqual(
    made!.status.allocation?.devices?.results?.map(({ request, device }) => [request, device]),
    [
      [requestName, 'gpu-0'],
      [requestName, 'gpu-1'],
    ],
  )
  assert.deepEqual((await cluster.pod('web')).status?.extendedResourceClaimStatus, {
    requestMappings: [{ containerName: 'main', resourceName: 'example.com/gpu', requestName }],
    resourceClaimName: made!.metadata.name,
  })
  await cluster.addPods(pod('more', { requests: { 'example.com/gpu': '1' } }))
  assert.equal(await cluster.nodeOf('more'), '')
  await cluster.stop()
})

test('a selector that fails while room is thought of is told, and the pod is not lost', async () => {
  const cluster = await harness()
  cluster.addNodes(node('a', { allocatable: { pods: '1' } }))
  const selectors = [{ cel: { expression: 'device.attributes["gpu.example.com"].size > 1' } }]
  cluster.client.seed(deviceClasses, { ...gpus, spec: { selectors } } as unknown as DeviceClass)
  cluster.client.seed(resourceSlices, slice('s', 'a', 'gpu-0'))
  cluster.client.seed(resourceClaims, wanting('mine') as KubeObject)
  await cluster.start()
  await cluster.addPods(pod('low'))
  await cluster.addPods({ ...userOf('high', 'mine'), spec: { ...userOf('high', 'mine').spec, priority: 9 } } as Pod)
  assert.match(
    (await cluster.condition('high'))?.message ?? '',
    /^0\/1 nodes are available: 1 Too many pods\. preemption: running "DynamicResources" filter plugin: class gpus: selector #0 on device gpu\.example\.com\/a\/gpu-0: CEL runtime error: no such key: size\./,
  )
  await cluster.stop()
})
