import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitRanges } from '../../../api/core/v1/limit-range.ts'
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { testAttributes } from '../test-attributes.ts'
import { createLimitRanger } from './plugin.ts'

function ranger(...limits: object[]) {
  const lister = createMemoryLister()
  lister.put(limitRanges, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'l', namespace: 'default' },
    spec: { limits },
  } as never)
  return createLimitRanger({ lister })
}
const container = (name: string, resources: object = {}, more: object = {}) => ({
  name,
  image: 'i',
  resources,
  ...more,
})
const pod = (spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', ...metadata },
  spec,
})
const refused = (
  plugin: ReturnType<typeof ranger>,
  definition: unknown,
  object: object,
  why: string,
  more: object = {},
) =>
  assert.throws(() => plugin.validate!(testAttributes(definition as never, { object, ...more })), {
    code: 403,
    message: `${definition === pods ? 'pods' : 'persistentvolumeclaims'} "p" is forbidden: ${why}`,
  })

test('containers get what they leave out, and the pod says so', () => {
  const plugin = ranger({ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } })
  const attributes = testAttributes(pods as never, {
    object: pod({
      containers: [container('a'), container('b', { limits: { cpu: '1' }, requests: { cpu: '1' } })],
      initContainers: [container('i')],
    }),
  })
  void plugin.mutate!(attributes)
  const { spec, metadata } = attributes.object as unknown as Pod
  assert.deepEqual(spec.containers[0]!.resources, { requests: { cpu: '100m' }, limits: { cpu: '500m', memory: '1Gi' } })
  assert.deepEqual(spec.containers[1]!.resources, { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Gi' } })
  assert.equal(
    metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a; memory limit for container b; cpu request for init container i; cpu, memory limit for init container i',
  )
})

test('bounds of containers hold for each, in upstream’s words', () => {
  const plugin = ranger({
    type: 'Container',
    min: { cpu: '100m' },
    max: { memory: '1Gi' },
    maxLimitRequestRatio: { cpu: '2' },
  })
  const good = { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '200m', memory: '1Gi' } }
  void plugin.validate!(testAttributes(pods as never, { object: pod({ containers: [container('a', good)] }) }))
  const with_ = (resources: object) => pod({ containers: [container('a', resources)] })
  refused(
    plugin,
    pods,
    with_({ ...good, requests: { ...good.requests, cpu: '50m' } }),
    '[minimum cpu usage per Container is 100m, but request is 50m, cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000]',
  )
  refused(
    plugin,
    pods,
    with_({ ...good, limits: { ...good.limits, memory: '2Gi' } }),
    'maximum memory usage per Container is 1Gi, but limit is 2Gi',
  )
  refused(
    plugin,
    pods,
    with_({ requests: { cpu: '100m' }, limits: { cpu: '100m' } }),
    'maximum memory usage per Container is 1Gi.  No limit is specified',
  )
  refused(
    plugin,
    pods,
    pod({ containers: [container('a', good)], initContainers: [container('i', { ...good, requests: {} })] }),
    '[minimum cpu usage per Container is 100m.  No request is specified, cpu max limit to request ratio per Container is 2, but no request is specified or request is 0]',
  )
})

test('bounds of pods hold for the sum, sidecars counted, init containers at their peak', () => {
  const plugin = ranger({ type: 'Pod', max: { cpu: '1' } })
  const cpu = (amount: string) => ({ limits: { cpu: amount }, requests: { cpu: amount } })
  const sidecar = { restartPolicy: 'Always' }
  void plugin.validate!(
    testAttributes(pods as never, {
      object: pod({
        containers: [container('a', cpu('600m'))],
        initContainers: [container('i', cpu('1')), container('s', cpu('400m'), sidecar)],
      }),
    }),
  )
  refused(
    plugin,
    pods,
    pod({ containers: [container('a', cpu('600m')), container('b', cpu('500m'))] }),
    'maximum cpu usage per Pod is 1, but limit is 1100m',
  )
  refused(
    plugin,
    pods,
    pod({ containers: [container('a', cpu('700m'))], initContainers: [container('s', cpu('400m'), sidecar)] }),
    'maximum cpu usage per Pod is 1, but limit is 1100m',
  )
})

test('claims have bounds; updates of pods have none but resizes; what is going away is let go', () => {
  const plugin = ranger(
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } },
    { type: 'Pod', max: { cpu: '1' } },
  )
  const claim = (storage: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'p', namespace: 'default' },
    spec: { resources: { requests: { storage } } },
  })
  refused(
    plugin,
    persistentVolumeClaims,
    claim('512Mi'),
    'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi',
  )
  refused(
    plugin,
    persistentVolumeClaims,
    claim('6Gi'),
    'maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi',
  )
  const big = pod({ containers: [container('a', { limits: { cpu: '2' } })] })
  void plugin.validate!(testAttributes(pods as never, { operation: 'UPDATE', object: big, oldObject: big }))
  refused(plugin, pods, big, 'maximum cpu usage per Pod is 1, but limit is 2', {
    operation: 'UPDATE',
    subresource: 'resize',
    oldObject: big,
  })
  const going = pod({ containers: [] }, { deletionTimestamp: '2026-01-01T00:00:00Z' })
  void plugin.validate!(
    testAttributes(pods as never, { operation: 'UPDATE', subresource: 'resize', object: big, oldObject: going }),
  )
})
