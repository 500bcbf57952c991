import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourceClaims } from '../../../api/resource/v1/resource-claim.ts'
import { fakeClient } from '../../../client/fake/fake-client.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { PodInfo } from '../../cache/pod-info.ts'
import { CycleState } from '../../framework/cycle-state.ts'
import { harness, node, pod } from '../../scheduler-harness.ts'
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
const judge = (subject: ReturnType<typeof pod>, ...others: KubeObject[]) => {
  const { filter, lookups } = fixture({ nodes, others })
  return filter(dynamicResources(client, lookups), subject)
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
  const plugin = dynamicResources(client, lookups)
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
