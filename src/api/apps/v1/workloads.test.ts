import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../../definition.ts'
import { replicationControllers } from '../../core/v1/replication-controller.ts'
import { faultsOf, faultsOfChange, merged, warningsOf, type Loose } from '../../rules.fixture.ts'
import { controllerRevisions } from './controller-revision.ts'
import { daemonSets } from './daemon-set.ts'
import { deployments } from './deployment.ts'
import { replicaSets } from './replica-set.ts'
import { statefulSets } from './stateful-set.ts'

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
const workload = (spec: Loose = {}) => ({
  metadata: { name: 'w', namespace: 'default' },
  spec: merged({ selector: { matchLabels: { app: 'a' } }, template }, spec),
})
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

const kinds: readonly ResourceDefinition[] = [deployments, replicaSets, statefulSets, daemonSets] as never
for (const kind of kinds) {
  test(`a ${kind.kind} with a selector and a template is right`, () => {
    assert.deepEqual(faultsOf(kind, workload()), [])
  })
  test(`a ${kind.kind} matches its template, keeps its selector, and runs its pods for ever`, () => {
    assert.deepEqual(faultsOf(kind, workload({ template: { metadata: { labels: { app: 'b' } } } })), [
      'spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
    ])
    const other = { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } }
    assert.ok(
      faultsOfChange(kind, workload(), { spec: other }).includes(
        'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
      ),
    )
    const once = workload({ template: { spec: { restartPolicy: 'Never' } } })
    assert.deepEqual(faultsOf(kind, once), [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ])
  })
}

const faults: readonly [what: string, kind: ResourceDefinition<never>, spec: Loose, ...texts: string[]][] = [
  [
    'no selector',
    deployments as never,
    { selector: undefined },
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
  ],
  [
    'an empty selector',
    deployments as never,
    { selector: { matchLabels: undefined } },
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    'less than no replicas',
    deployments as never,
    { replicas: -1 },
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'a deadline before a pod is ready',
    deployments as never,
    { progressDeadlineSeconds: 5, minReadySeconds: 5 },
    'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
  ],
  [
    'an unknown strategy',
    deployments as never,
    { strategy: { type: 'X' } },
    'spec.strategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    'a way to roll that is not wanted',
    deployments as never,
    { strategy: { type: 'Recreate', rollingUpdate: {} } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    'no room to roll',
    deployments as never,
    { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  ],
  [
    'more unavailable than there are',
    deployments as never,
    { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    'a deadline for its pods',
    replicaSets as never,
    { template: { spec: { activeDeadlineSeconds: 1 } } },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
  ],
  [
    'an unknown order',
    statefulSets as never,
    { podManagementPolicy: 'X' },
    "spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'",
  ],
  [
    'a bad claim',
    statefulSets as never,
    { volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { ...claim, accessModes: [] } }] },
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
  ],
  [
    'an unknown update strategy',
    statefulSets as never,
    { updateStrategy: { type: 'X' } },
    'spec.updateStrategy: Invalid value: {"Type":"X","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
  ],
  [
    'an unknown retention',
    statefulSets as never,
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'X' } },
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "X": supported values: "Retain", "Delete"',
  ],
  [
    'both ways to roll',
    daemonSets as never,
    { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ],
  [
    'no way to roll',
    daemonSets as never,
    { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
]
for (const [what, kind, spec, ...texts] of faults) {
  test(`a ${kind.kind} is refused with ${what}`, () => assert.deepEqual(faultsOf(kind as never, workload(spec)), texts))
}

test('claims of a StatefulSet give its pods volumes, and stay', () => {
  const mounted = { spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'd', mountPath: '/d' }] }] } }
  const set = workload({ template: mounted, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }] })
  assert.deepEqual(faultsOf(statefulSets, set), [])
  const [text] = faultsOfChange(statefulSets, set, { spec: { serviceName: 'other' } })
  assert.equal(text, 'spec.serviceName: Invalid value: "other": field is immutable')
})

test('a ReplicationController matches its template', () => {
  const controller = { metadata: { name: 'r', namespace: 'd' }, spec: { replicas: 1, template } }
  assert.deepEqual(faultsOf(replicationControllers, controller), [])
  assert.deepEqual(
    faultsOf(replicationControllers, merged(controller, { spec: { selector: { x: 'y' }, replicas: -1 } })),
    [
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  )
})

test('a ControllerRevision holds an object, and keeps it', () => {
  const revision = { metadata: { name: 'r', namespace: 'd' }, revision: 1, data: { a: 1 } }
  assert.deepEqual(faultsOf(controllerRevisions, revision), [])
  assert.deepEqual(faultsOf(controllerRevisions, { ...revision, data: undefined }), [
    'data: Required value: data is mandatory',
  ])
  assert.deepEqual(faultsOfChange(controllerRevisions, revision, { data: { a: 2 } }), [
    'data: Invalid value: {"a":2}: field is immutable',
  ])
})

test('reported numbers make sense', () => {
  const report = (kind: ResourceDefinition, status: Loose) => faultsOfChange(kind, workload(), { status }, 'status')
  assert.deepEqual(report(deployments as never, { replicas: 1, readyReplicas: 2, availableReplicas: -1 }), [
    'status.availableReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ])
  assert.deepEqual(report(statefulSets as never, { replicas: 2, readyReplicas: 1, availableReplicas: 2 }), [
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
  ])
})

test('templates are warned about where they are', () => {
  const old = { template: { spec: { nodeSelector: { 'beta.kubernetes.io/arch': 'x' } } } }
  assert.deepEqual(warningsOf(deployments, workload(old)), [
    'spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
  ])
})
