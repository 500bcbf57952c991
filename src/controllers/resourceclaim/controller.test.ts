import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { resourceClaimTemplates } from '../../api/resource/v1/resource-claim-template.ts'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import type { Pod, ResourceClaimTemplate } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { claimOfTemplate } from './claim-for-pod.ts'
import { resourceClaimController } from './controller.ts'

const finalizer = 'resource.kubernetes.io/delete-protection'
const pod = (spec: object, status: object = {}) =>
  ({ metadata: { name: 'web', namespace: 'ns', uid: 'u' }, spec, status }) as unknown as KubeObject
const ofTemplate = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] }
const template = {
  metadata: { name: 't', namespace: 'ns' },
  spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [{ name: 'r' }] } } },
} as unknown as KubeObject
const start = () => startHarness({ controllers: [resourceClaimController] })

test('a pod gets a claim of its template, once, and is told its name', async () => {
  const harness = start()
  harness.client.seed(resourceClaimTemplates, template)
  harness.client.seed(pods, pod(ofTemplate))
  await harness.settle()
  const [claim, ...more] = harness.client.objects(resourceClaims)
  assert.deepEqual(more, [])
  assert.match(claim!.metadata.name!, /^web-gpu-/)
  assert.deepEqual(
    [claim!.metadata.labels, claim!.metadata.annotations, claim!.metadata.ownerReferences?.[0]?.uid],
    [{ a: 'b' }, { 'resource.kubernetes.io/pod-claim-name': 'gpu' }, 'u'],
  )
  assert.deepEqual(harness.client.objects(pods)[0]!.status?.resourceClaimStatuses, [
    { name: 'gpu', resourceClaimName: claim!.metadata.name },
  ])
  await harness.stop()
})

test('a template that is missing is told, and its coming helps', async () => {
  const harness = start()
  harness.client.seed(pods, pod(ofTemplate))
  await harness.settle()
  assert.equal(
    harness.events[0],
    'Warning FailedResourceClaimCreation PodResourceClaim gpu: resource claim template "t": resourceclaimtemplate.resource.k8s.io "t" not found',
  )
  harness.client.seed(resourceClaimTemplates, template)
  await harness.settle()
  assert.equal(harness.client.objects(resourceClaims).length, 1)
  await harness.stop()
})

const claim = (reservedFor: object[], metadata: object = {}) =>
  ({
    metadata: { name: 'mine', namespace: 'ns', finalizers: [finalizer], ...metadata },
    spec: {},
    status: { allocation: { devices: {} }, reservedFor },
  }) as unknown as KubeObject
const byName = { resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] }

test('a claim is reserved for a pod that was bound without the scheduler, and freed when the pod ends', async () => {
  const harness = start()
  harness.client.seed(resourceClaims, claim([]))
  harness.client.seed(pods, pod({ ...byName, nodeName: 'n' }))
  await harness.settle()
  const now = () => harness.client.objects(resourceClaims)[0]!
  assert.deepEqual(now().status.reservedFor, [{ resource: 'pods', name: 'web', uid: 'u' }])
  const status = { phase: 'Succeeded' }
  await harness.client.patch(pods, { namespace: 'ns', name: 'web' }, 'merge', { status }, { subresource: 'status' })
  await harness.settle()
  assert.deepEqual([now().status.reservedFor, now().status.allocation], [undefined, undefined])
  assert.deepEqual(now().metadata.finalizers, [])
  await harness.stop()
})

test('reservations of pods that are gone or were replaced go; of others they stay', async () => {
  const harness = start()
  const others = { apiGroup: 'example.com', resource: 'things', name: 'x', uid: 'x' }
  harness.client.seed(pods, pod(byName))
  harness.client.seed(
    resourceClaims,
    claim([
      { resource: 'pods', name: 'web', uid: 'old' },
      { resource: 'pods', name: 'gone', uid: 'g' },
      { resource: 'pods', name: 'web', uid: 'u' },
      others,
    ]),
  )
  await harness.settle()
  const [left] = harness.client.objects(resourceClaims)
  assert.deepEqual(left!.status.reservedFor, [{ resource: 'pods', name: 'web', uid: 'u' }, others])
  await harness.stop()
})

test('a claim that was made for a pod goes when the pod is done', async () => {
  const harness = start()
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u', controller: true }]
  const statuses = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'mine' }] }
  harness.client.seed(resourceClaimTemplates, template)
  harness.client.seed(pods, pod(ofTemplate, { ...statuses, phase: 'Failed' }))
  harness.client.seed(resourceClaims, claim([{ resource: 'pods', name: 'web', uid: 'u' }], { ownerReferences }))
  await harness.settle()
  assert.deepEqual(harness.client.objects(resourceClaims), [])
  await harness.stop()
})

test('long names are cut in proportion', () => {
  const made = claimOfTemplate(
    { metadata: { name: 'p'.repeat(60) } } as Pod,
    { name: 'c'.repeat(20) },
    template as ResourceClaimTemplate,
  )
  assert.equal(made.metadata.generateName, `${'p'.repeat(41)}-${'c'.repeat(13)}`)
})
