import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import { clusterTrustBundles } from '../../api/certificates/v1/cluster-trust-bundle.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import { ingressClasses } from '../../api/networking/v1/ingress-class.ts'
import { ingresses } from '../../api/networking/v1/ingress.ts'
import { runtimeClasses } from '../../api/node/v1/runtime-class.ts'
import { priorityClasses } from '../../api/scheduling/v1/priority-class.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import type { Pod } from '../../api/types.generated.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { newKeyPair } from '../pki/authority.ts'
import { createCertificateApproval } from './certificate-approval/plugin.ts'
import { createCertificateSigning } from './certificate-signing/plugin.ts'
import { createCertificateSubjectRestriction } from './certificate-subject-restriction/plugin.ts'
import { createClusterTrustBundleAttest } from './cluster-trust-bundle-attest/plugin.ts'
import { createDefaultIngressClass } from './default-ingress-class/plugin.ts'
import { createDefaultStorageClass } from './default-storage-class/plugin.ts'
import { createDefaultTolerationSeconds } from './default-toleration-seconds/plugin.ts'
import { createDenyServiceExternalIps } from './deny-service-external-ips/plugin.ts'
import { createPersistentVolumeClaimResize } from './persistent-volume-claim-resize/plugin.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { createPodResize } from './pod-resize/plugin.ts'
import { createPodTopologyLabels } from './pod-topology-labels/plugin.ts'
import { createPriority } from './priority/plugin.ts'
import { createRuntimeClass } from './runtime-class/plugin.ts'
import { createStorageObjectInUseProtection } from './storage-object-in-use-protection/plugin.ts'
import { type TestRequest, testAttributes } from './test-attributes.ts'
import { defaultFeatureGates } from '../../api/features/feature-gates.ts'

const object = (kind: string, name: string, more: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...metadata },
  ...more,
})
const podOf = (spec: object = {}, metadata: object = {}) =>
  object(
    'Pod',
    'p',
    { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
    { namespace: 'default', ...metadata },
  )

/** The object after mutation. */
async function mutated<T = Pod>(plugin: AdmissionPlugin, definition: unknown, request: TestRequest): Promise<T> {
  const attributes = testAttributes(definition as never, request)
  await plugin.mutate!(attributes)
  return attributes.object as unknown as T
}
async function refusal(plugin: AdmissionPlugin, definition: unknown, request: TestRequest): Promise<string> {
  const attributes = testAttributes(definition as never, request)
  try {
    await plugin.mutate?.(attributes)
    await plugin.validate?.(attributes)
    return 'ok'
  } catch (error) {
    return (error as Error).message
  }
}

test('DefaultTolerationSeconds adds what the pod does not tolerate already', async () => {
  const plugin = createDefaultTolerationSeconds()
  const keys = async (tolerations?: object[]) =>
    (await mutated(plugin, pods, { object: podOf(tolerations ? { tolerations } : {}) })).spec.tolerations?.map(
      ({ key }) => key,
    )
  assert.deepEqual(await keys(), ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
  assert.deepEqual(await keys([{ operator: 'Exists' }]), [undefined])
  assert.deepEqual(await keys([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]), [
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
  ])
})

test('Priority gives the number of the class, the default class’s, or zero', async () => {
  const lister = createMemoryLister()
  const plugin = createPriority({ lister, enabled: defaultFeatureGates.enabled })
  lister.put(priorityClasses, object('PriorityClass', 'high', { value: 1000, preemptionPolicy: 'Never' }) as never)
  const spec = async (given: object) => (await mutated(plugin, pods, { object: podOf(given) })).spec
  const { priority, preemptionPolicy } = await spec({})
  assert.deepEqual([priority, preemptionPolicy], [0, 'PreemptLowerPriority'])
  const high = await spec({ priorityClassName: 'high' })
  assert.deepEqual([high.priority, high.preemptionPolicy], [1000, 'Never'])
  assert.equal(
    await refusal(plugin, pods, { object: podOf({ priorityClassName: 'none' }) }),
    'pods "p" is forbidden: no PriorityClass with name none was found',
  )
  assert.equal(
    await refusal(plugin, pods, { object: podOf({ priorityClassName: 'high', priority: 5 }) }),
    'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
  )
  lister.put(priorityClasses, object('PriorityClass', 'usual', { value: 7, globalDefault: true }) as never)
  const usual = await spec({})
  assert.deepEqual([usual.priorityClassName, usual.priority], ['usual', 7])
  assert.equal(
    await refusal(plugin, priorityClasses, {
      object: object('PriorityClass', 'second', { value: 1, globalDefault: true }),
    }),
    'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
  )
  const kept = await mutated(plugin, pods, {
    operation: 'UPDATE',
    object: podOf(),
    oldObject: podOf({ priority: 9, preemptionPolicy: 'Never' }),
  })
  assert.deepEqual([kept.spec.priority, kept.spec.preemptionPolicy], [9, 'Never'])
})

test('the newest default class is taken, for claims and for Ingresses', async () => {
  const lister = createMemoryLister()
  const mark = (key: string, at: string) => ({ annotations: { [key]: 'true' }, creationTimestamp: at })
  const storage = 'storageclass.kubernetes.io/is-default-class'
  lister.put(storageClasses, object('StorageClass', 'old', {}, mark(storage, '2026-01-01T00:00:00Z')) as never)
  lister.put(storageClasses, object('StorageClass', 'new', {}, mark(storage, '2026-02-01T00:00:00Z')) as never)
  const plugin = createDefaultStorageClass({ lister })
  type Claim = { spec: { storageClassName?: string } }
  const classOf = async (spec: object) =>
    (await mutated<Claim>(plugin, persistentVolumeClaims, { object: object('PersistentVolumeClaim', 'c', { spec }) }))
      .spec.storageClassName
  assert.deepEqual([await classOf({}), await classOf({ storageClassName: '' })], ['new', ''])
  lister.put(
    ingressClasses,
    object('IngressClass', 'web', {}, mark('ingressclass.kubernetes.io/is-default-class', '')) as never,
  )
  const ingress = await mutated<{ spec: { ingressClassName?: string } }>(
    createDefaultIngressClass({ lister }),
    ingresses,
    {
      object: object('Ingress', 'i', { spec: {} }),
    },
  )
  assert.equal(ingress.spec.ingressClassName, 'web')
})

test('StorageObjectInUseProtection adds its finalizer once', async () => {
  const plugin = createStorageObjectInUseProtection()
  const claim = object('PersistentVolumeClaim', 'c', { spec: {} })
  const once = await mutated<{ metadata: { finalizers: string[] } }>(plugin, persistentVolumeClaims, { object: claim })
  assert.deepEqual(once.metadata.finalizers, ['kubernetes.io/pvc-protection'])
  assert.deepEqual(await mutated(plugin, persistentVolumeClaims, { object: once }), once)
})

test('PersistentVolumeClaimResize lets bound claims of expandable classes grow', async () => {
  const lister = createMemoryLister()
  lister.put(storageClasses, object('StorageClass', 'grows', { allowVolumeExpansion: true }) as never)
  lister.put(storageClasses, object('StorageClass', 'stays', {}) as never)
  const plugin = createPersistentVolumeClaimResize({ lister })
  const claim = (storage: string, storageClassName: string, phase: string) =>
    object('PersistentVolumeClaim', 'c', {
      spec: { storageClassName, resources: { requests: { storage } } },
      status: { phase },
    })
  const resize = (storageClassName: string, phase: string, to = '2Gi') =>
    refusal(plugin, persistentVolumeClaims, {
      operation: 'UPDATE',
      object: claim(to, storageClassName, phase),
      oldObject: claim('1Gi', storageClassName, phase),
    })
  assert.equal(await resize('grows', 'Bound'), 'ok')
  assert.match(await resize('grows', 'Pending'), /Only bound persistent volume claims can be expanded$/)
  assert.match(await resize('stays', 'Bound'), /the storageclass that provisions the pvc must support resize$/)
  assert.equal(await resize('stays', 'Bound', '1Gi'), 'ok')
})

test('RuntimeClass adds overhead, selector and tolerations, and refuses what conflicts', async () => {
  const lister = createMemoryLister()
  const scheduling = { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] }
  lister.put(
    runtimeClasses,
    object('RuntimeClass', 'vm', { handler: 'kata', overhead: { podFixed: { cpu: '100m' } }, scheduling }) as never,
  )
  const plugin = createRuntimeClass({ lister })
  const narrow = { key: 'vm', operator: 'Equal', value: 'x', effect: 'NoSchedule' }
  const { spec } = await mutated(plugin, pods, {
    object: podOf({ runtimeClassName: 'vm', nodeSelector: { a: 'b' }, tolerations: [narrow] }),
  })
  assert.deepEqual(
    [spec.overhead, spec.nodeSelector, spec.tolerations],
    [{ cpu: '100m' }, { a: 'b', vm: 'yes' }, scheduling.tolerations],
  )
  assert.equal(
    await refusal(plugin, pods, { object: podOf({ runtimeClassName: 'none' }) }),
    'pods "p" is forbidden: pod rejected: RuntimeClass "none" not found',
  )
  assert.match(
    await refusal(plugin, pods, { object: podOf({ runtimeClassName: 'vm', overhead: { cpu: '1' } }) }),
    /Pod's Overhead doesn't match RuntimeClass's defined Overhead$/,
  )
  assert.match(
    await refusal(plugin, pods, { object: podOf({ overhead: { cpu: '1' } }) }),
    /Pod Overhead set without corresponding RuntimeClass defined Overhead$/,
  )
  assert.match(
    await refusal(plugin, pods, { object: podOf({ runtimeClassName: 'vm', nodeSelector: { vm: 'no' } }) }),
    /conflict: runtimeClass.scheduling.nodeSelector\[vm\] = yes; pod.spec.nodeSelector\[vm\] = no$/,
  )
})

test('security.md, traffic capture: external IPs may be taken away or kept, not added', async () => {
  const plugin = createDenyServiceExternalIps()
  const service = (...externalIPs: string[]) => object('Service', 's', { spec: { externalIPs } })
  const update = (from: object, to: object) =>
    refusal(plugin, services, { operation: 'UPDATE', object: to, oldObject: from })
  assert.equal(await refusal(plugin, services, { object: service() }), 'ok')
  assert.match(
    await refusal(plugin, services, { object: service('203.0.113.1') }),
    /Use of external IPs is denied by admission control$/,
  )
  assert.equal(await update(service('203.0.113.1', '203.0.113.2'), service('203.0.113.2')), 'ok')
  assert.match(await update(service('203.0.113.1'), service('203.0.113.1', '203.0.113.2')), /denied/)
})

test('signers are used by who may: approve, sign, attest, by name or for a domain', async () => {
  const authorizer: Authorizer = {
    authorize: ({ verb, resource, name, user }) => ({
      decision: resource === 'signers' && user.name === verb && name === 'example.com/*' ? 'allow' : 'noOpinion',
      reason: '',
    }),
  }
  const request = (status: object = {}) =>
    object('CertificateSigningRequest', 'r', { spec: { signerName: 'example.com/a' }, status })
  const by = (name: string) => ({ name, groups: [] })
  const approve = (name: string) =>
    refusal(createCertificateApproval({ authorizer }), certificateSigningRequests, {
      operation: 'UPDATE',
      subresource: 'approval',
      object: request(),
      oldObject: request(),
      user: by(name),
    })
  assert.equal(await approve('approve'), 'ok')
  assert.equal(
    await approve('joe'),
    'certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to approve requests with signerName "example.com/a"',
  )
  const sign = (name: string, status: object) =>
    refusal(createCertificateSigning({ authorizer }), certificateSigningRequests, {
      operation: 'UPDATE',
      subresource: 'status',
      object: request(status),
      oldObject: request(),
      user: by(name),
    })
  assert.equal(await sign('sign', { certificate: 'x' }), 'ok')
  assert.equal(await sign('joe', {}), 'ok')
  assert.match(
    await sign('joe', { certificate: 'x' }),
    /user not permitted to sign requests with signerName "example.com\/a"$/,
  )
  const attest = (name: string) =>
    refusal(createClusterTrustBundleAttest({ authorizer }), clusterTrustBundles, {
      object: object('ClusterTrustBundle', 'b', { spec: { signerName: 'example.com/a' } }),
      user: by(name),
    })
  assert.equal(await attest('attest'), 'ok')
  assert.match(await attest('joe'), /user not permitted to attest for signerName/)
})

test('no certificate makes a member of system:masters', async () => {
  const plugin = createCertificateSubjectRestriction()
  const request = (organization: string, signerName = 'kubernetes.io/kube-apiserver-client') => {
    const subject = { commonName: 'a', organizations: [organization] }
    const pem = encodePem(
      'CERTIFICATE REQUEST',
      createCertificateRequest({ subject, privateKey: newKeyPair().privateKey }),
    )
    return object('CertificateSigningRequest', 'r', {
      spec: { signerName, request: Buffer.from(pem).toString('base64') },
    })
  }
  assert.equal(await refusal(plugin, certificateSigningRequests, { object: request('dev') }), 'ok')
  assert.match(
    await refusal(plugin, certificateSigningRequests, { object: request('system:masters') }),
    /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed$/,
  )
  assert.equal(
    await refusal(plugin, certificateSigningRequests, { object: request('system:masters', 'example.com/x') }),
    'ok',
  )
})

test('a pod carries its node’s zone, and is not resized beyond it', async () => {
  const lister = createMemoryLister()
  const labels = { 'topology.kubernetes.io/zone': 'z1', 'kubernetes.io/os': 'linux', other: 'x' }
  lister.put(nodes, object('Node', 'n1', { status: { allocatable: { cpu: '2', memory: '1Gi' } } }, { labels }) as never)
  const made = await mutated(createPodTopologyLabels({ lister }), pods, { object: podOf({ nodeName: 'n1' }) })
  assert.deepEqual(made.metadata.labels, { 'topology.kubernetes.io/zone': 'z1' })
  const binding = object('Binding', 'p', { target: { kind: 'Node', name: 'n1' } })
  const bound = await mutated(createPodTopologyLabels({ lister }), pods, {
    object: binding,
    subresource: 'binding',
    kind: 'Binding',
  })
  assert.deepEqual(bound.metadata.labels, { 'topology.kubernetes.io/zone': 'z1' })
  const sized = (cpu: string, generation: number) =>
    podOf({ nodeName: 'n1', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }] }, { generation })
  const resize = (cpu: string) =>
    refusal(createPodResize({ lister }), pods, {
      operation: 'UPDATE',
      subresource: 'resize',
      object: sized(cpu, 2),
      oldObject: sized('1', 1),
    })
  assert.equal(await resize('2'), 'ok')
  assert.equal(
    await resize('3'),
    'pods "p" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 3000, allocatable: 2000',
  )
})
