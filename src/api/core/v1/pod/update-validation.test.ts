import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOfChange, faultsOfUpdate, warningsOf, type Loose } from '../../../rules.fixture.ts'
import { pods } from '../pod.ts'
import { defaultFeatureGates } from '../../../features/feature-gates.ts'

const container = { name: 'c', image: 'nginx:1', resources: { requests: { cpu: '1' } } }
const pod = (spec: Loose = {}, metadata: Loose = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', ...metadata },
  spec: { containers: [container], ...spec },
})
const change = (spec: Loose, from: Loose = {}) => faultsOfChange(pods, pod(from), { spec })
const onlyText =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'
const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' }

test('a pod can get another image, a deadline, tolerations, and lose gates', () => {
  const stored = pod().spec
  const image = { containers: [{ ...container, image: 'nginx:2', terminationMessagePath: '/dev/termination-log' }] }
  assert.deepEqual(change({ ...image, activeDeadlineSeconds: 5, tolerations: [toleration] }), [])
  assert.deepEqual(change({ schedulingGates: [] }, { ...stored, schedulingGates: [{ name: 'x.io/g' }] }), [])
})

test('nothing else of a pod changes, and the message shows what would have', () => {
  const [text, ...more] = change({ nodeName: 'n2' }, { nodeName: 'n1' })
  assert.deepEqual(more, [])
  assert.equal(text!.slice(0, onlyText.length), onlyText)
  assert.match(text!, /^@@ -\d+,\d+ \+\d+,\d+ @@\n[^]*\n- "NodeName": "n1"[^]*\n\+ "NodeName": "n2"/m)
})

test('containers are neither added nor removed', () => {
  assert.deepEqual(change({ containers: [container, { ...container, name: 'd' }] }), [
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ])
})

test('a deadline comes nearer, and stays', () => {
  assert.deepEqual(change({ activeDeadlineSeconds: 6 }, { activeDeadlineSeconds: 5 }), [
    'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
  ])
  assert.deepEqual(change({ activeDeadlineSeconds: undefined }, { activeDeadlineSeconds: 5 }), [
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ])
})

test('tolerations stay, but for their seconds', () => {
  const tolerations = [{ ...toleration, tolerationSeconds: 1 }]
  assert.deepEqual(change({ tolerations: [{ ...toleration, tolerationSeconds: 2 }] }, { tolerations }), [])
  assert.deepEqual(change({ tolerations: [] }, { tolerations }), [
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ])
})

test('a pod that is held back can be pinned further', () => {
  const gated = { schedulingGates: [{ name: 'x.io/g' }], nodeSelector: { a: 'b' } }
  assert.deepEqual(change({ nodeSelector: { a: 'b', c: 'd' } }, gated), [])
  assert.deepEqual(change({ nodeSelector: { a: 'x' } }, gated), [
    'spec.nodeSelector: Invalid value: {"a":"x"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ])
  assert.deepEqual(change({ schedulingGates: [{ name: 'x.io/new' }] }, gated), [
    "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'x.io/new'",
  ])
})

test('containers for debugging are added and stay', () => {
  const debug = { name: 'd', image: 'busybox' }
  const through = (spec: Loose, from: Loose = {}) => faultsOfChange(pods, pod(from), { spec }, 'ephemeralcontainers')
  assert.deepEqual(through({ ephemeralContainers: [debug] }), [])
  assert.deepEqual(
    through({ ephemeralContainers: [{ ...debug, targetContainerName: 'x', ports: [{ containerPort: 1 }] }] }),
    [
      'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ],
  )
  assert.deepEqual(through({ ephemeralContainers: undefined }, { ephemeralContainers: [debug] }), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
  ])
})

test('CPU and memory are resized, and nothing is taken away', () => {
  const through = (resources: Loose) =>
    faultsOfChange(pods, pod(), { spec: { containers: [{ ...container, resources }] } }, 'resize')
  assert.deepEqual(through({ requests: { cpu: '2' } }), [])
  assert.deepEqual(through({ requests: { cpu: '1' }, limits: { cpu: '1' } }), [])
  assert.deepEqual(through({}), [
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ])
  assert.deepEqual(through({ requests: { cpu: '1', 'ephemeral-storage': '1' } }), [
    'spec: Forbidden: only cpu and memory resources are mutable',
  ])
})

test('a status is reported in order', () => {
  const through = (status: Loose, spec: Loose = {}) => faultsOfChange(pods, pod(spec), { status }, 'status')
  assert.deepEqual(
    through({
      phase: 'Running',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
      hostIP: '10.1.1.1',
      hostIPs: [{ ip: '10.1.1.1' }],
    }),
    [],
  )
  assert.deepEqual(through({ podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], podIP: '10.0.0.1' }), [
    'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
  ])
  assert.deepEqual(through({ qosClass: 'Guaranteed', conditions: [{ type: 'a b', status: 'True' }] }).length, 2)
})

test('what has ended for good does not start again', () => {
  const report = (policy: string, exitCode: number, state: Loose) => {
    const before = pod({ restartPolicy: policy })
    const status = (of: Loose) => ({ ...before, status: { containerStatuses: [{ name: 'c', state: of }] } })
    const as = {
      now: 0,
      requestUser: { name: 'kubelet' } as never,
      subresource: 'status',
      enabled: defaultFeatureGates.enabled,
    }
    return faultsOfUpdate(pods, status({ terminated: { exitCode } }), status(state), as)
  }
  const text = 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'
  assert.deepEqual(report('Never', 1, { running: {} }), [text])
  assert.deepEqual(report('OnFailure', 0, { running: {} }), [text])
  assert.deepEqual(report('OnFailure', 1, { running: {} }), [])
  assert.deepEqual(report('Never', 1, { terminated: { exitCode: 1 } }), [])
})

test('what is hardly meant is said', () => {
  const warnings = (spec: Loose, metadata: Loose = {}) => warningsOf(pods, pod(spec, metadata))
  assert.deepEqual(warnings({}), [])
  assert.deepEqual(warnings({}, { name: 'a.b' }), [
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ])
  assert.deepEqual(
    warnings({
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      containers: [
        {
          ...container,
          resources: { limits: { memory: '100m' } },
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
          ports: [{ containerPort: 80 }, { containerPort: 80 }],
        },
      ],
    }),
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    ],
  )
  assert.deepEqual(
    warnings({
      volumes: [
        {
          name: 'v',
          configMap: {
            name: 'm',
            items: [
              { key: 'a', path: 'x' },
              { key: 'b', path: 'x/y' },
            ],
          },
        },
      ],
    }),
    ['volume "v" (ConfigMap "m"): overlapping paths: "x/y" with "x"'],
  )
})
