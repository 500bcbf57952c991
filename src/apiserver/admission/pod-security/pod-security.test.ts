import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { deployments } from '../../../api/apps/v1/deployment.ts'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import type { Pod, PodSpec } from '../../../api/types.generated.ts'
import { VirtualClock } from '../../../machinery/clock.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { testAttributes } from '../test-attributes.ts'
import { detailText, violations } from './evaluate.ts'
import { warningsOfExistingPods } from './existing-pods.ts'
import { createPodSecurity } from './plugin.ts'
import { levelVersionText, policyOf } from './policy.ts'

const modules = process.env.GOMODCACHE ?? join(process.env.GOPATH ?? join(homedir(), 'go'), 'pkg/mod')
const testdata = join(modules, 'k8s.io/pod-security-admission@v0.37.1/test/testdata')
const noUpstream = existsSync(testdata) ? false : 'upstream’s sources are not in the Go module cache'

const latest = { level: 'restricted', minor: Infinity } as const
const detail = (spec: object, level: 'baseline' | 'restricted', minor = Infinity, annotations = {}) =>
  detailText(violations({ level, minor }, { annotations }, spec as PodSpec))

test('upstream’s examples pass and fail at each level and version', { skip: noUpstream }, () => {
  const wrong: string[] = []
  for (const level of ['baseline', 'restricted'] as const)
    for (const version of readdirSync(join(testdata, level)))
      for (const verdict of ['pass', 'fail']) {
        const folder = join(testdata, level, version, verdict)
        for (const file of readdirSync(folder)) {
          const pod = load(readFileSync(join(folder, file), 'utf8')) as Pod
          // As its default is.
          for (const volume of pod.spec.volumes ?? [])
            if (Object.keys(volume).length === 1) Object.assign(volume, { emptyDir: {} })
          const found = violations({ level, minor: Number(version.slice(3)) }, pod.metadata, pod.spec)
          if ((found.length === 0) !== (verdict === 'pass')) wrong.push(`${folder}/${file}: ${detailText(found)}`)
        }
      }
  assert.deepEqual(wrong, [])
})

test('the texts name each container and value that is bad', () => {
  const container = (name: string, more: object = {}) => ({ name, image: 'i', ...more })
  const hostile = {
    hostNetwork: true,
    hostPID: true,
    securityContext: { seLinuxOptions: { type: 'x', user: 'u' }, sysctls: [{ name: 'kernel.msgmax', value: '1' }] },
    volumes: [
      { name: 'root', hostPath: { path: '/' } },
      { name: 'share', nfs: { server: 's', path: '/' } },
    ],
    initContainers: [container('i', { securityContext: { privileged: true } })],
    containers: [
      container('a', {
        ports: [
          { containerPort: 1, hostPort: 8080 },
          { containerPort: 2, hostPort: 80 },
        ],
      }),
      container('b', {
        livenessProbe: { httpGet: { port: 1, host: '169.254.169.254' } },
        securityContext: { privileged: true, procMount: 'Unmasked', capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] } },
      }),
    ],
  }
  const baseline = [
    'non-default capabilities (container "b" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    'host namespaces (hostNetwork=true, hostPID=true)',
    'hostPath volumes (volume "root")',
    'hostPort (container "a" uses hostPorts 80, 8080)',
    'probe or lifecycle host (container "b" uses probe or lifecycle host "169.254.169.254")',
    'privileged (containers "i", "b" must not set securityContext.privileged=true)',
    'procMount (container "b" must not set securityContext.procMount to "Unmasked")',
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)',
    'forbidden sysctls (kernel.msgmax)',
  ]
  assert.equal(detail(hostile, 'baseline'), baseline.join(', '))
  assert.doesNotMatch(detail(hostile, 'baseline', 33), /probe/)
  assert.equal(
    detail({ containers: [container('a'), container('b')] }, 'restricted'),
    [
      'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false)',
      'unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"])',
      'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true)',
      'seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ].join(', '),
  )
  assert.match(
    detail(hostile, 'restricted'),
    /restricted volume types \(volumes "root", "share" use restricted volume types "hostPath", "nfs"\)/,
  )
})

test('objects of odd shape break nothing', () => {
  const odd = {
    securityContext: null,
    volumes: null,
    initContainers: null,
    containers: [{ name: 'a', securityContext: null, ports: null, livenessProbe: null, lifecycle: { preStop: null } }],
  }
  assert.notEqual(detail(odd, 'restricted'), '')
  assert.equal(detail({ ...odd, containers: null }, 'baseline'), '')
})

test('labels choose level and version; what they do not say follows enforce', () => {
  const text = (labels: Record<string, string>) => {
    const prefixed = Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value])
    const { policy, errors } = policyOf(Object.fromEntries(prefixed))
    return [
      [policy.enforce, policy.audit, policy.warn].map(levelVersionText).join(' '),
      ...errors.map(({ field, detail: why }) => `${field}: ${why}`),
    ]
  }
  assert.deepEqual(text({}), ['privileged:latest privileged:latest privileged:latest'])
  assert.deepEqual(text({ enforce: 'baseline', 'enforce-version': 'v1.30' }), [
    'baseline:v1.30 privileged:latest baseline:v1.30',
  ])
  assert.deepEqual(text({ enforce: 'restricted', warn: 'baseline' }), [
    'restricted:latest privileged:latest baseline:latest',
  ])
  assert.deepEqual(text({ enforce: 'none', 'audit-version': 'v1.01', warn: 'x' }), [
    'restricted:latest privileged:latest privileged:latest',
    'metadata.labels[pod-security.kubernetes.io/enforce]: must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/audit-version]: must be "latest" or "v1.x"',
    'metadata.labels[pod-security.kubernetes.io/warn]: must be one of privileged, baseline, restricted',
  ])
})

const namespace = (labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'default', labels },
})
const pod = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

function plugin(labels: Record<string, string>) {
  const lister = createMemoryLister()
  lister.put(namespaces as never, namespace(labels))
  return { lister, plugin: createPodSecurity({ lister, clock: new VirtualClock(0) }) }
}

test('a pod that breaks the enforced level is refused, of others it is told', async () => {
  const enforcing = plugin({ 'pod-security.kubernetes.io/enforce': 'baseline' }).plugin
  await assert.rejects(
    async () => enforcing.validate!(testAttributes(pods, { object: pod({ hostNetwork: true }) })),
    (error) =>
      error instanceof ApiError &&
      error.message ===
        'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  )
  const template = { spec: { template: { spec: pod({ hostNetwork: true }).spec } } }
  const deployment = testAttributes(deployments, { object: { metadata: { name: 'd' }, ...template } })
  await enforcing.validate!(deployment)
  assert.deepEqual(deployment.warnings, [
    'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  ])
  const unchanged = testAttributes(pods, {
    operation: 'UPDATE',
    object: pod({ hostNetwork: true }, { labels: { a: 'b' } }),
    oldObject: pod({ hostNetwork: true }),
  })
  await enforcing.validate!(unchanged)
  const debugging = testAttributes(pods, {
    operation: 'UPDATE',
    subresource: 'ephemeralcontainers',
    object: pod({ ephemeralContainers: [{ name: 'e', securityContext: { privileged: true } }] }),
    oldObject: pod(),
  })
  await assert.rejects(async () => enforcing.validate!(debugging), /privileged \(container "e" must not set/)
})

test('labels that mean nothing are refused on a namespace, unless they were there', async () => {
  const { plugin: any } = plugin({})
  const bad = namespace({ 'pod-security.kubernetes.io/enforce': 'none' })
  assert.throws(
    () => any.validate!(testAttributes(namespaces, { object: bad })),
    (error) =>
      error instanceof ApiError &&
      error.status.code === 422 &&
      error.message ===
        'Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "none": must be one of privileged, baseline, restricted',
  )
  await any.validate!(testAttributes(namespaces, { operation: 'UPDATE', object: bad, oldObject: bad }))
})

test('who tightens a namespace is told of pods that break the new level', async () => {
  const { plugin: any, lister } = plugin({})
  const owner = { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u', controller: true }] }
  for (const name of ['c', 'b', 'a']) lister.put(pods as never, pod({ hostPID: true }, { name, ...owner }))
  lister.put(pods as never, pod({ hostIPC: true, hostNetwork: true }, { name: 'single' }))
  const update = testAttributes(namespaces, {
    operation: 'UPDATE',
    object: namespace({ 'pod-security.kubernetes.io/enforce': 'baseline' }),
    oldObject: namespace({}),
  })
  await any.validate!(update)
  assert.deepEqual(update.warnings, [
    'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 3 other pods): host namespaces',
  ])
  const many = Array.from({ length: 3001 }, (_, index) => pod({}, { name: `p${index}` }) as unknown as Pod)
  assert.equal(
    warningsOfExistingPods('default', latest, many, new VirtualClock(0))[0],
    'new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods',
  )
})
