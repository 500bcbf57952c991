import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { namespaces } from '../../api/core/v1/namespace.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { podReferences } from '../authorization/node/pod-references.ts'
import { createAlwaysPullImages } from './always-pull-images/plugin.ts'
import { violations } from './pod-security/evaluate.ts'
import { createPodSecurity } from './pod-security/plugin.ts'
import { systemClock } from '../../machinery/clock.ts'
import { testAttributes } from './test-attributes.ts'

/**
 * Every list of a pod's spec whose items name an image is a kind of container. Taken from the schema, so that a kind that
 * comes with a later version is covered, or fails here.
 */
const spec = pods.schema.properties!.get('spec')!.schema
const containerKinds = [...spec.properties!]
  .filter(
    ([, { schema }]) => schema.type === 'array' && schema.items?.properties?.get('image')?.schema.type === 'string',
  )
  .map(([name]) => name)

/** Where an item of each kind says what: each of these is forbidden by the restricted level, or by baseline already. */
const breaches: readonly (readonly [name: string, more: object, needs?: string])[] = [
  ['privileged', { securityContext: { privileged: true } }],
  ['added capabilities', { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }],
  ['host ports', { ports: [{ containerPort: 80, hostPort: 80 }] }, 'ports'],
  ['an unmasked /proc', { securityContext: { procMount: 'Unmasked' } }],
  ['no seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ['an SELinux user', { securityContext: { seLinuxOptions: { user: 'root' } } }],
  ['no AppArmor', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
  ['a Windows host process', { securityContext: { windowsOptions: { hostProcess: true } } }],
]
const podWith = (kind: string, more: object) => {
  const ordinary = { name: 'c', image: 'i' }
  const asked = { name: 'bad', image: 'i', ...more }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: kind === 'containers' ? { containers: [asked] } : { containers: [ordinary], [kind]: [asked] },
  }
}

test('security.md, admission bypass: the kinds of containers are those that the checks know', () => {
  assert.deepEqual(containerKinds.toSorted(), ['containers', 'ephemeralContainers', 'initContainers'])
})

suite('security.md, admission bypass: PodSecurity looks at containers of every kind (CVE-2023-2727, CVE-2023-2728)', () => {
  for (const kind of containerKinds) {
    const item: Schema = spec.properties!.get(kind)!.schema.items!
    for (const [name, more, needs] of breaches) {
      if (needs !== undefined && !item.properties!.has(needs)) continue
      test(`${kind}: ${name}`, () => {
        const pod = podWith(kind, more)
        for (const level of ['baseline', 'restricted'] as const)
          assert.ok(violations({ level, minor: Infinity }, pod.metadata, pod.spec as never).length > 0, level)
      })
    }
    for (const [name, more] of [
      ['escalation of privileges', {}],
      ['root', { securityContext: { runAsUser: 0 } }],
    ] as const)
      test(`${kind}: ${name} at the level restricted`, () => {
        const found = violations({ level: 'restricted', minor: Infinity }, {}, podWith(kind, more).spec as never)
        assert.match(JSON.stringify(found), /bad/)
      })
  }
})

test('security.md, admission bypass: subresources that bring containers are checked as pods are', () => {
  const lister = createMemoryLister()
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' }
  lister.put(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels } } as never)
  const plugin = createPodSecurity({ lister, clock: systemClock })
  const object = podWith('ephemeralContainers', { securityContext: { privileged: true } })
  const request = {
    operation: 'UPDATE',
    subresource: 'ephemeralcontainers',
    object,
    oldObject: podWith('containers', {}),
  } as const
  assert.throws(
    () => void plugin.validate!(testAttributes(pods, request)),
    /violates PodSecurity "baseline:latest": privileged/,
  )
})

test('security.md, admission bypass: AlwaysPullImages and the references of a pod cover every kind', () => {
  for (const kind of containerKinds) {
    const attributes = testAttributes(pods, { object: podWith(kind, {}) })
    createAlwaysPullImages().mutate!(attributes)
    const items = (attributes.object as unknown as { spec: Record<string, { imagePullPolicy?: string }[]> }).spec[kind]!
    assert.equal(items[0]!.imagePullPolicy, 'Always', kind)
    const from = { envFrom: [{ secretRef: { name: 'from-secret' } }, { configMapRef: { name: 'from-map' } }] }
    assert.match(JSON.stringify(podReferences(podWith(kind, from) as never)), /from-secret/, kind)
  }
})
