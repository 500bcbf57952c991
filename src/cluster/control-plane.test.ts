import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { daemonSets } from '../api/apps/v1/daemon-set.ts'
import { deployments } from '../api/apps/v1/deployment.ts'
import { statefulSets } from '../api/apps/v1/stateful-set.ts'
import { jobs } from '../api/batch/v1/job.ts'
import { certificateSigningRequests } from '../api/certificates/v1/certificate-signing-request.ts'
import { leases } from '../api/coordination/v1/lease.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { nodes } from '../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../api/core/v1/persistent-volume.ts'
import { pods } from '../api/core/v1/pod.ts'
import { resourceQuotas } from '../api/core/v1/resource-quota.ts'
import { secrets } from '../api/core/v1/secret.ts'
import { services } from '../api/core/v1/service.ts'
import type { ResourceRef } from '../api/definition.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import { podDisruptionBudgets } from '../api/policy/v1/pod-disruption-budget.ts'
import { clusterRoles } from '../api/rbac/v1/cluster-role.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import { formatMicroTime, formatTime, sleep, systemClock } from '../machinery/clock.ts'
import { isReason } from '../machinery/errors.ts'
import { createLogger } from '../machinery/log.ts'
import { apiVersionOf, type KubeObject } from '../machinery/meta/object.ts'
import { systemRandom } from '../machinery/random.ts'
import { createCertificateRequest } from '../machinery/x509/certificate-request.ts'
import { encodePem } from '../machinery/x509/pem.ts'
import { newKeyPair } from '../apiserver/pki/authority.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

/**
 * Server, controllers and scheduler together, each with its own identity and no more rights than upstream gives it; only
 * the kubelets are played.
 */
const folder = mkdtempSync(join(tmpdir(), 'skiff-plane-'))
const complaints: string[] = []
const stopped = new AbortController()
let plane: ControlPlane
let kubelets: Promise<void>

before(async () => {
  plane = await startControlPlane({
    store: createMemoryStore(),
    pki: createPki({ folder, clock: systemClock }),
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    // Nodes get rights to certificates where machines may join.
    publicServer: 'https://10.0.0.1:6443',
    advertise: { address: '10.0.0.1', port: 6443 },
    clock: systemClock,
    random: systemRandom,
    log: createLogger({ level: 'info', write: (line) => complaints.push(line), now: () => systemClock.now() }),
  })
  await plane.startWorkers()
  for (const name of ['n1', 'n2']) await addNode(name)
  kubelets = playKubelets()
})
after(async () => {
  stopped.abort()
  await kubelets
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function addNode(name: string): Promise<void> {
  await create(nodes, { metadata: { name } })
  const now = systemClock.now()
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: formatTime(now) })
  const capacity = { cpu: '8', memory: '16Gi', pods: '110' }
  const conditions = [condition('Ready', 'True'), condition('MemoryPressure', 'False')]
  const status = { allocatable: capacity, capacity, conditions }
  await plane.client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' })
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(now) }
  await create(leases, { metadata: { name, namespace: 'kube-node-lease' }, spec })
}

async function playKubelets(): Promise<void> {
  let address = 1
  while (!stopped.signal.aborted) {
    for (const pod of (await plane.client.list(pods)).items) {
      const { namespace, name = '', deletionTimestamp, labels } = pod.metadata
      if (!pod.spec.nodeName) continue
      const ends = labels?.ends === 'yes'
      const phase = ends ? 'Succeeded' : 'Running'
      try {
        if (deletionTimestamp) await plane.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 })
        else if (pod.status.phase !== phase) {
          const podIP = `10.244.0.${address++}`
          const lastTransitionTime = formatTime(systemClock.now())
          const conditions = [{ type: 'Ready', status: ends ? 'False' : 'True', lastTransitionTime }]
          const status = { phase, podIP, podIPs: [{ ip: podIP }], conditions }
          await plane.client.patch(pods, { namespace, name }, 'strategic', { status }, { subresource: 'status' })
        }
      } catch (error) {
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      }
    }
    await sleep(systemClock, 20)
  }
}

function create<T extends KubeObject>(ref: ResourceRef<T>, object: object): Promise<T> {
  return plane.client.create(ref, { apiVersion: apiVersionOf(ref), kind: ref.kind, ...object } as unknown as T)
}
const make = <T extends KubeObject>(ref: ResourceRef<T>, name: string, spec: object) =>
  create(ref, { metadata: { name, namespace: ref.namespaced ? 'default' : undefined }, spec })
const key = (name: string) => ({ namespace: 'default', name })
const selector = (app: string) => ({ matchLabels: { app } })
const template = (app: string, labels: object = {}, spec: object = {}) => ({
  metadata: { labels: { app, ...labels } },
  spec: { containers: [{ name: 'c', image: 'one', resources: { requests: { cpu: '10m' } } }], ...spec },
})

/** Waits until `read` gives what is expected; a value that does not come is shown. */
async function becomes<T>(read: () => Promise<T>, expected: T): Promise<void> {
  let last: T | undefined
  for (const end = systemClock.now() + 10_000; systemClock.now() < end; await sleep(systemClock, 20)) {
    last = await read()
    if (JSON.stringify(last) === JSON.stringify(expected)) return
  }
  assert.deepEqual(last, expected)
}
async function isGone<T extends KubeObject>(ref: ResourceRef<T>, name: string): Promise<boolean> {
  try {
    await plane.client.get(ref, ref.namespaced ? key(name) : { name })
    return false
  } catch (error) {
    if (isReason(error, 'NotFound')) return true
    throw error
  }
}

test('the parts are well, and what they do is measured', async () => {
  const { body } = await plane.client.transport.request({ method: 'GET', path: '/api/v1/componentstatuses' })
  const { items } = body as { items: readonly { metadata: { name: string }; conditions: readonly object[] }[] }
  assert.deepEqual(
    items.map(({ metadata, conditions }) => [metadata.name, conditions[0]]),
    ['controller-manager', 'scheduler', 'etcd-0'].map((name) => [
      name,
      { type: 'Healthy', status: 'True', message: 'ok' },
    ]),
  )
  const text = await plane.server.metrics.expose()
  assert.match(text, /^workqueue_adds_total\{name="serviceaccount"\} [1-9]/m)
  assert.match(text, /^scheduler_pending_pods\{queue="active"\} \d/m)
  assert.match(text, /^apiserver_selfrequest_total\{.*resource="clusterroles".*verb="POST"\} [1-9]/m)
  assert.match(text, /^apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} [1-9]/m)
  assert.match(text, /^kube_apiserver_clusterip_allocator_allocated_ips\{cidr="10.96.0.0\/16"\} [1-9]/m)
  assert.match(text, /^kube_apiserver_nodeport_allocator_available_ports 27\d\d$/m)
  assert.match(text, /^etcd_requests_total\{group="",operation="create",resource="namespaces"\} [1-9]/m)
})

test('a Deployment comes up, is published, budgeted and counted, rolls over and goes with all that is its own', async () => {
  await make(services, 'web', { selector: { app: 'web' }, ports: [{ port: 80 }] })
  await make(podDisruptionBudgets, 'web', { minAvailable: '50%', selector: selector('web') })
  await make(resourceQuotas, 'q', { hard: { 'requests.cpu': '10' } })
  await make(deployments, 'web', { replicas: 4, selector: selector('web'), template: template('web') })
  const status = async () => (await plane.client.get(deployments, key('web'))).status
  await becomes(async () => (await status()).availableReplicas, 4)
  const ready = async () =>
    (
      await plane.client.list(endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })
    ).items
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready).length
  await becomes(ready, 4)
  await becomes(async () => (await plane.client.get(podDisruptionBudgets, key('web'))).status.disruptionsAllowed, 2)
  await becomes(async () => (await plane.client.get(resourceQuotas, key('q'))).status?.used?.['requests.cpu'], '40m')

  const image = { spec: { template: { spec: { containers: [{ name: 'c', image: 'two' }] } } } }
  await plane.client.patch(deployments, key('web'), 'strategic', image)
  await becomes(async () => {
    const { observedGeneration, updatedReplicas, replicas, availableReplicas } = await status()
    return [observedGeneration, updatedReplicas, replicas, availableReplicas]
  }, [2, 4, 4, 4])
  await plane.client.delete(deployments, key('web'), { propagationPolicy: 'Foreground' })
  await becomes(() => isGone(deployments, 'web'), true)
  const { items } = await plane.client.list(pods, { namespace: 'default', labelSelector: 'app=web' })
  assert.deepEqual(items, [])
})

test('a StatefulSet gets volumes, which are released when it goes', async () => {
  for (const name of ['v1', 'v2'])
    await make(persistentVolumes, name, {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
    })
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  await make(statefulSets, 'db', {
    replicas: 2,
    serviceName: 'db',
    selector: selector('db'),
    template: template('db'),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
  })
  await becomes(async () => (await plane.client.get(statefulSets, key('db'))).status.readyReplicas, 2)
  const phases = async () => (await plane.client.list(persistentVolumes)).items.map(({ status }) => status.phase)
  await becomes(phases, ['Bound', 'Bound'])
  await plane.client.delete(statefulSets, key('db'))
  await becomes(phases, ['Released', 'Released'])
  const { items } = await plane.client.list(persistentVolumeClaims, { namespace: 'default' })
  assert.deepEqual(items, [])
})

test('daemons run on every node, and jobs to their end', async () => {
  await make(daemonSets, 'agent', { selector: selector('agent'), template: template('agent') })
  await make(jobs, 'once', { completions: 2, template: template('once', { ends: 'yes' }, { restartPolicy: 'Never' }) })
  await becomes(async () => (await plane.client.get(daemonSets, key('agent'))).status.numberAvailable, 2)
  await becomes(async () => (await plane.client.get(jobs, key('once'))).status.succeeded, 2)
  await addNode('n3')
  await becomes(async () => (await plane.client.get(daemonSets, key('agent'))).status.numberAvailable, 3)
})

test('what a cluster needs besides is there: networks of nodes, aggregated roles, tokens, certificates', async () => {
  await becomes(async () => Boolean((await plane.client.get(nodes, { name: 'n1' })).spec.podCIDR), true)
  await becomes(async () => ((await plane.client.get(clusterRoles, { name: 'admin' })).rules?.length ?? 0) > 10, true)
  const annotations = { 'kubernetes.io/service-account.name': 'default' }
  const metadata = { name: 'token', namespace: 'default', annotations }
  await create(secrets, { metadata, type: 'kubernetes.io/service-account-token' })
  await becomes(async () => Boolean((await plane.client.get(secrets, key('token'))).data?.token), true)

  const subject = { commonName: 'system:node:n9', organizations: ['system:nodes'] }
  const request = createCertificateRequest({ subject, privateKey: newKeyPair().privateKey })
  const node = plane.clientAs({ name: 'system:node:n9', groups: ['system:nodes', 'system:authenticated'] })
  await node.create(certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'n9' },
    spec: {
      request: Buffer.from(encodePem('CERTIFICATE REQUEST', request)).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  } as unknown as KubeObject)
  const certificate = async () =>
    (await plane.client.get(certificateSigningRequests, { name: 'n9' })).status?.certificate
  await becomes(async () => Boolean(await certificate()), true)
})

test('a namespace is emptied and goes', async () => {
  await create(namespaces, { metadata: { name: 'x' } })
  const spec = { replicas: 2, selector: selector('web'), template: template('web') }
  await create(deployments, { metadata: { name: 'web', namespace: 'x' }, spec })
  const available = async () =>
    (await plane.client.get(deployments, { namespace: 'x', name: 'web' })).status.availableReplicas
  await becomes(available, 2)
  await plane.client.delete(namespaces, { name: 'x' })
  await becomes(() => isGone(namespaces, 'x'), true)
})

test('nobody was refused anything', () => {
  assert.deepEqual(
    complaints.filter((line) => /forbidden|level=(warn|error)/.test(line)),
    [],
  )
})
