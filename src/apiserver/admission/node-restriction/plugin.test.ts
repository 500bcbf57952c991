import { defaultFeatureGates } from '../../../api/features/feature-gates.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.ts'
import { leases } from '../../../api/coordination/v1/lease.ts'
import { configMaps } from '../../../api/core/v1/config-map.ts'
import { nodes } from '../../../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import { serviceAccounts } from '../../../api/core/v1/service-account.ts'
import type { ResourceDefinition } from '../../../api/definition.ts'
import { resourceSlices } from '../../../api/resource/v1/resource-slice.ts'
import { csiNodes } from '../../../api/storage/v1/csi-node.ts'
import { createCertificateRequest } from '../../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../../machinery/x509/pem.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { newKeyPair } from '../../pki/authority.ts'
import { type TestRequest, testAttributes } from '../test-attributes.ts'
import { createNodeRestriction } from './plugin.ts'

const lister = createMemoryLister()
const authorizer: Authorizer = { authorize: () => ({ decision: 'noOpinion', reason: '' }) }
const plugin = createNodeRestriction({ enabled: defaultFeatureGates.enabled, lister, authorizer })
const kubelet = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }

const node = (more: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', uid: 'uid-n1', ...metadata },
  spec: {},
  ...more,
})
const pod = (name: string, nodeName: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec },
})
lister.put(nodes, node())
lister.put(
  pods,
  pod('mine', 'n1', {
    serviceAccountName: 'robot',
    volumes: [
      {
        name: 'v',
        projected: {
          sources: [{ serviceAccountToken: { audience: 'vault', path: 't' } }, { serviceAccountToken: { path: 'd' } }],
        },
      },
    ],
  }),
)
lister.put(pods, pod('theirs', 'n2'))

/** The refusal, or 'ok'. */
async function admit(definition: unknown, request: TestRequest): Promise<string> {
  try {
    await plugin.mutate!(testAttributes(definition as ResourceDefinition, { user: kubelet, ...request }))
    return 'ok'
  } catch (error) {
    return (error as Error).message
  }
}
const update = (definition: unknown, oldObject: object, object: object, more: TestRequest = {}) =>
  admit(definition, { operation: 'UPDATE', oldObject, object, ...more })

test('who is no kubelet is not concerned', async () => {
  const user = { name: 'joe', groups: ['system:authenticated'] }
  assert.equal(await admit(nodes, { object: node({}, { name: 'n2' }), user }), 'ok')
  assert.equal(await admit(configMaps, { object: { metadata: { name: 'a' } } }), 'ok')
})

test('security.md, node identity: a node writes itself only, never its taints, owners or protected labels', async () => {
  const plain = node()
  assert.equal(await admit(nodes, { object: plain }), 'ok')
  assert.equal(
    await admit(nodes, { object: node({}, { name: 'n2' }) }),
    'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
  )
  assert.equal(
    await admit(nodes, {
      object: node({}, { labels: { 'node-restriction.kubernetes.io/x': '1', 'x.k8s.io/y': '1' } }),
    }),
    'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: node-restriction.kubernetes.io/x, x.k8s.io/y',
  )
  assert.equal(
    await update(nodes, plain, node({ spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })),
    'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
  )
  const owned = node({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' }] })
  assert.equal(
    await update(nodes, plain, owned),
    'nodes "n1" is forbidden: node "n1" is not allowed to modify ownerReferences',
  )
  assert.equal(
    await update(nodes, plain, node({}, { labels: { 'kubernetes.io/role': 'x' } })),
    'nodes "n1" is forbidden: is not allowed to modify labels: kubernetes.io/role',
  )
  for (const label of [
    'kubernetes.io/hostname',
    'node.kubernetes.io/instance-type',
    'a.node.kubernetes.io/b',
    'kubelet.kubernetes.io/c',
    'topology.kubernetes.io/zone',
    'beta.kubernetes.io/os',
    'example.com/any',
    'plain',
  ])
    assert.equal(await update(nodes, plain, node({}, { labels: { [label]: 'x' } })), 'ok', label)
  assert.equal(await update(nodes, plain, node({ status: { phase: 'x' } }), { subresource: 'status' }), 'ok')
})

const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'uid-n1', controller: true }
const mirror = (spec: object = {}, metadata: object = {}) =>
  pod('static', 'n1', spec, {
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: [owner],
    ...metadata,
  })

test('security.md, node identity: a node makes mirror pods of its own, which refer to nothing of the API (CVE-2025-4563)', async () => {
  assert.equal(await admit(pods, { object: mirror() }), 'ok')
  const refused = async (object: object, why: string) =>
    assert.equal(await admit(pods, { object }), `pods "static" is forbidden: ${why}`)
  await refused(
    pod('static', 'n1'),
    'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
  )
  await refused(
    { ...mirror(), spec: { ...mirror().spec, nodeName: 'n2' } },
    'node "n1" can only create pods with spec.nodeName set to itself',
  )
  await refused(
    mirror({}, { ownerReferences: [] }),
    'node "n1" can only create pods with an owner reference set to itself',
  )
  await refused(
    mirror({}, { ownerReferences: [owner, owner] }),
    'node "n1" can only create pods with a single owner reference set to itself',
  )
  await refused(
    mirror({}, { ownerReferences: [{ ...owner, controller: false }] }),
    'node "n1" can only create pods with a controller owner reference set to itself',
  )
  await refused(
    mirror({}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }),
    'node "n1" must not set blockOwnerDeletion on an owner reference',
  )
  await refused(
    mirror({}, { ownerReferences: [{ ...owner, uid: 'z' }] }),
    'node n1 UID mismatch: expected z got uid-n1',
  )
  const cases: readonly (readonly [object, string])[] = [
    [{ serviceAccountName: 'robot' }, 'serviceaccounts'],
    [
      {
        initContainers: [
          { name: 'i', image: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
        ],
      },
      'secrets',
    ],
    [{ ephemeralContainers: [{ name: 'e', envFrom: [{ configMapRef: { name: 'c' } }] }] }, 'configmaps'],
    [{ resourceClaims: [{ name: 'r', resourceClaimName: 'rc' }] }, 'resourceclaims'],
    [{ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }, 'persistentvolumeclaims'],
    [{ volumes: [{ name: 'v', csi: { driver: 'd' } }] }, 'csidrivers (via CSI volumes)'],
    [{ volumes: [{ name: 'v', ephemeral: {} }] }, 'persistentvolumeclaims (via ephemeral volumes)'],
    [
      { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
      'serviceaccounts (via projected volumes)',
    ],
    [
      { volumes: [{ name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 't' } }] } }] },
      'clustertrustbundles',
    ],
  ]
  for (const [spec, what] of cases) await refused(mirror(spec), `node "n1" can not create pods that reference ${what}`)
  assert.equal(
    await admit(pods, {
      object: mirror({
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', emptyDir: {} },
        ],
      }),
    }),
    'ok',
  )
})

test('security.md, node identity: a node deletes, evicts and reports pods that run on it', async () => {
  const gone = (name: string, nodeName: string) => admit(pods, { operation: 'DELETE', oldObject: pod(name, nodeName) })
  assert.equal(await gone('mine', 'n1'), 'ok')
  assert.equal(
    await gone('theirs', 'n2'),
    'pods "theirs" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
  )
  const evict = (name: string) =>
    admit(pods, { subresource: 'eviction', kind: 'Eviction', object: { metadata: { name } } })
  assert.equal(await evict('mine'), 'ok')
  assert.equal(
    await evict('theirs'),
    'pods "theirs" is forbidden: node n1 can only evict pods with spec.nodeName set to itself',
  )
  assert.equal(await evict('none'), 'pods "none" not found')
  const status = (old: object, object: object) => update(pods, old, object, { subresource: 'status' })
  assert.equal(await status(pod('mine', 'n1'), { ...pod('mine', 'n1'), status: { phase: 'Running' } }), 'ok')
  assert.match(
    await status(pod('theirs', 'n2'), pod('theirs', 'n2')),
    /can only update pod status for pods with spec.nodeName set to itself$/,
  )
  assert.match(
    await status(pod('mine', 'n1'), pod('mine', 'n1', {}, { labels: { a: 'b' } })),
    /cannot update labels through pod status$/,
  )
  const claims = {
    ...pod('mine', 'n1'),
    status: { resourceClaimStatuses: [{ name: 'r', resourceClaimName: 'other' }] },
  }
  assert.match(await status(pod('mine', 'n1'), claims), /cannot update resource claim statues$/)
  assert.match(
    await update(pods, pod('mine', 'n1'), pod('mine', 'n1')),
    /unexpected operation "UPDATE", node "n1" can only create and delete mirror pods$/,
  )
  assert.match(
    await update(pods, pod('mine', 'n1'), pod('mine', 'n1'), { subresource: 'ephemeralcontainers' }),
    /only 'status' and 'eviction' are allowed$/,
  )
})

test('security.md, node identity: a node asks for tokens of its pods, for audiences that they use', async () => {
  const bound = { apiVersion: 'v1', kind: 'Pod', name: 'mine', uid: 'uid-mine' }
  const ask = (spec: object) =>
    admit(serviceAccounts, {
      subresource: 'token',
      kind: 'TokenRequest',
      name: 'robot',
      object: { metadata: { name: 'robot' }, spec },
    })
  assert.equal(await ask({ boundObjectRef: bound }), 'ok')
  assert.equal(await ask({ boundObjectRef: bound, audiences: ['vault'] }), 'ok')
  const refused = async (spec: object, why: string) =>
    assert.equal(await ask(spec), `serviceaccounts "robot" is forbidden: ${why}`)
  await refused({}, 'node requested token not bound to a pod')
  await refused({ boundObjectRef: { ...bound, kind: 'Secret' } }, 'node requested token not bound to a pod')
  await refused({ boundObjectRef: { ...bound, uid: '' } }, 'node requested token with a pod binding without a uid')
  await refused(
    { boundObjectRef: { ...bound, name: 'theirs', uid: 'uid-theirs' } },
    'node requested token bound to a pod scheduled on a different node',
  )
  await refused(
    { boundObjectRef: bound, audiences: ['bank'] },
    'system:node:n1 is not authorized to request tokens for audience "bank"',
  )
  await refused({ boundObjectRef: bound, audiences: ['a', 'b'] }, 'node may only request 0 or 1 audiences')
})

test('security.md, node identity: leases, CSINodes, slices, claims and certificates are a node’s own', async () => {
  const lease = (name: string) => ({ metadata: { name, namespace: 'kube-node-lease' } })
  const inLeases = { namespace: 'kube-node-lease' }
  assert.equal(await admit(leases, { object: lease('n1'), ...inLeases }), 'ok')
  assert.match(
    await admit(leases, { object: lease('n2'), ...inLeases }),
    /can only access node lease with the same name as the requesting node$/,
  )
  assert.match(
    await admit(leases, { object: lease('n1') }),
    /can only access leases in the "kube-node-lease" system namespace$/,
  )
  assert.equal(await admit(csiNodes, { object: { metadata: { name: 'n1' } } }), 'ok')
  assert.match(
    await admit(csiNodes, { object: { metadata: { name: 'n2' } } }),
    /can only access CSINode with the same name/,
  )
  const slice = (nodeName?: string) => ({ metadata: { name: 's' }, spec: { nodeName } })
  assert.equal(await admit(resourceSlices, { object: slice('n1') }), 'ok')
  assert.match(await admit(resourceSlices, { object: slice() }), /can only create ResourceSlice with the same NodeName/)
  assert.match(
    await admit(resourceSlices, { operation: 'DELETE', oldObject: slice('n2') }),
    /can only delete ResourceSlice/,
  )

  const claim = (status: object, spec: object = {}) => ({ metadata: { name: 'c', namespace: 'default' }, spec, status })
  const claimStatus = (old: object, object: object) =>
    update(persistentVolumeClaims, old, object, { subresource: 'status' })
  assert.equal(await claimStatus(claim({}), claim({ capacity: { storage: '1Gi' }, conditions: [] })), 'ok')
  assert.match(
    await claimStatus(claim({}), claim({ phase: 'Bound' })),
    /is not allowed to update fields other than status.quantity and status.conditions/,
  )
  assert.match(await update(persistentVolumeClaims, claim({}), claim({})), /may only update PVC status$/)

  const request = (commonName: string, signerName = 'kubernetes.io/kubelet-serving') => ({
    metadata: { name: 'csr' },
    spec: {
      signerName,
      request: Buffer.from(
        encodePem(
          'CERTIFICATE REQUEST',
          createCertificateRequest({ subject: { commonName }, privateKey: newKeyPair().privateKey }),
        ),
      ).toString('base64'),
    },
  })
  assert.equal(await admit(certificateSigningRequests, { object: request('system:node:n1') }), 'ok')
  assert.match(
    await admit(certificateSigningRequests, { object: request('system:node:n2') }),
    /can only create a node CSR with CN=system:node:n1$/,
  )
  assert.equal(await admit(certificateSigningRequests, { object: request('anything', 'example.com/mine') }), 'ok')
})
