import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, merged, type Loose } from '../../../rules.fixture.ts'
import { pods } from '../pod.ts'

const container = { name: 'c', image: 'nginx:1' }
const pod = (spec: Loose = {}, metadata: Loose = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', ...metadata },
  spec: { containers: [container], ...spec },
})
const withContainer = (change: Loose) => ({ containers: [merged(container, change)] })
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

const valid: readonly [what: string, spec: Loose][] = [
  ['a container alone', {}],
  [
    'a sidecar with a probe',
    {
      initContainers: [
        { ...container, name: 's', restartPolicy: 'Always', livenessProbe: { exec: { command: ['a'] } } },
      ],
    },
  ],
  [
    'a mounted volume',
    { volumes: [{ name: 'v', emptyDir: {} }], ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }) },
  ],
  [
    'everything that a variable can come from',
    withContainer({
      env: [
        { name: 'A', value: 'x' },
        { name: 'with space', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'D', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'E', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } },
      ],
      envFrom: [{ prefix: 'P_', secretRef: { name: 's' } }],
    }),
  ],
  [
    'requests below limits',
    withContainer({ resources: { requests: { cpu: '100m' }, limits: { cpu: '1', 'example.com/gpu': '1' } } }),
  ],
  [
    'a confined container',
    withContainer({
      securityContext: {
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
        capabilities: { add: ['NET_ADMIN'] },
      },
    }),
  ],
  [
    'a node that is chosen',
    {
      nodeName: 'n1',
      tolerations: [{ operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
          },
        },
      },
    },
  ],
]

for (const [what, spec] of valid) {
  test(`a pod is right with ${what}`, () => assert.deepEqual(faultsOf(pods, pod(spec)), []))
}

const faults: readonly [what: string, spec: Loose, ...texts: string[]][] = [
  ['no containers', { containers: [] }, 'spec.containers: Required value'],
  [
    'two containers of one name',
    { containers: [container, container] },
    'spec.containers[1].name: Duplicate value: "c"',
  ],
  ['a container without image', withContainer({ image: '' }), 'spec.containers[0].image: Required value'],
  [
    'a bad name of a container',
    withContainer({ name: 'A' }),
    `spec.containers[0].name: Invalid value: "A": ${labelText}`,
  ],
  [
    'an image with a space',
    withContainer({ image: ' nginx' }),
    'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
  ],
  [
    'an unknown pull policy',
    withContainer({ imagePullPolicy: 'Often' }),
    'spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'an unknown restart policy',
    { restartPolicy: 'Often' },
    'spec.restartPolicy: Unsupported value: "Often": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    'an unknown DNS policy',
    { dnsPolicy: 'x' },
    'spec.dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [
    'DNS policy None alone',
    { dnsPolicy: 'None' },
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    'a port beyond all ports',
    withContainer({ ports: [{ containerPort: 70000 }] }),
    'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'no port number',
    withContainer({ ports: [{ containerPort: 0 }] }),
    'spec.containers[0].ports[0].containerPort: Required value',
  ],
  [
    'a port name with letters in upper case',
    withContainer({ ports: [{ containerPort: 1, name: 'Http' }] }),
    'spec.containers[0].ports[0].name: Invalid value: "Http": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    'two containers on one host port',
    {
      containers: [
        { ...container, ports: [{ containerPort: 80, hostPort: 80 }] },
        { ...container, name: 'd', ports: [{ containerPort: 81, hostPort: 80 }] },
      ],
    },
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    'a host port that is not the container port, in the host network',
    { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  [
    'a mount of no volume',
    withContainer({ volumeMounts: [{ name: 'x', mountPath: '/x' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "x"',
  ],
  [
    'two mounts at one path',
    {
      volumes: [{ name: 'v' }],
      ...withContainer({
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'v', mountPath: '/v' },
        ],
      }),
    },
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique',
  ],
  [
    'a mount below another folder',
    { volumes: [{ name: 'v' }], ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../a' }] }) },
    'spec.containers[0].volumeMounts.subPath: Invalid value: "../a": must not contain \'..\'',
  ],
  [
    'two volumes of one name',
    { volumes: [{ name: 'v' }, { name: 'v' }] },
    'spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    'a volume of two kinds',
    { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/a' } }] },
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'a host path of an unknown type',
    { volumes: [{ name: 'v', hostPath: { path: '/a', type: 'X' } }] },
    'spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ],
  [
    'a file mode beyond all modes',
    { volumes: [{ name: 'v', configMap: { name: 'm', defaultMode: 512 } }] },
    'spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [
    'a token without account',
    {
      serviceAccountName: '',
      volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ],
  [
    'files in one place',
    {
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [
              { secret: { name: 's', items: [{ key: 'a', path: 'x' }] } },
              { configMap: { name: 'm', items: [{ key: 'a', path: 'x' }] } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths',
  ],
  [
    'a claim for a volume that asks for nothing',
    { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] },
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
  ],
  [
    'a variable from nowhere',
    withContainer({ env: [{ name: 'A', valueFrom: {} }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
  ],
  [
    'a variable with two values',
    withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    'a variable named with =',
    withContainer({ env: [{ name: 'A=B' }] }),
    'spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    'a field that no variable can have',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    'a field that nobody knows',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
  ],
  [
    'more than the limit',
    withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'part of a device',
    withContainer({ resources: { limits: { 'example.com/gpu': '1500m' } } }),
    'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
    'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
  ],
  [
    'a device only asked for',
    withContainer({ resources: { requests: { 'example.com/gpu': '1' } } }),
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    'less than nothing',
    withContainer({ resources: { requests: { memory: '-1' } } }),
    'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'a resource of no standard',
    withContainer({ resources: { limits: { gpu: '1' } } }),
    'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
  ],
  [
    'less for the pod than for its containers',
    { resources: { requests: { cpu: '1' } }, ...withContainer({ resources: { requests: { cpu: '2' } } }) },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    'a probe that does nothing',
    withContainer({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    'a liveness probe that must succeed twice',
    withContainer({ livenessProbe: { exec: { command: ['a'] }, successThreshold: 2 } }),
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    'a hook on an init container',
    { initContainers: [{ ...container, name: 'i', lifecycle: { preStop: { exec: { command: ['a'] } } } }] },
    'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    'a sleep longer than the grace',
    { terminationGracePeriodSeconds: 5, ...withContainer({ lifecycle: { preStop: { sleep: { seconds: 6 } } } }) },
    'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 6: must be non-negative and less than terminationGracePeriodSeconds (5)',
  ],
  [
    'a user below zero',
    withContainer({ securityContext: { runAsUser: -1 } }),
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    'a seccomp profile of the host without name',
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
  ],
  [
    'a parameter of the network that it shares',
    { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
    'spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.tcp_syncookies": may not be specified when \'hostNetwork\' is true',
  ],
  [
    'users of its own in the network of the host',
    { hostUsers: false, hostNetwork: true },
    'spec.hostNetwork: Forbidden: when `hostUsers` is false',
  ],
  [
    'a toleration of nothing',
    { tolerations: [{ operator: 'Equal', value: 'x' }] },
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    'seconds for a taint that does not evict',
    { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    'an affinity without terms',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    'a pod affinity without topology',
    { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } } },
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
    "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ],
  [
    'a spread without skew',
    { topologySpreadConstraints: [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }] },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    'a bad name of an account',
    { serviceAccountName: 'A_' },
    `spec.serviceAccountName: Invalid value: "A_": ${subdomainText}`,
  ],
  [
    'a deadline of zero',
    { activeDeadlineSeconds: 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    'a node though it is held back',
    { nodeName: 'n', schedulingGates: [{ name: 'x.io/g' }] },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [
    'ephemeral containers',
    { ephemeralContainers: [{ ...container, name: 'e' }] },
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [
    'an unknown system',
    { os: { name: 'plan9' } },
    'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"',
  ],
  [
    'Linux options for Windows',
    { os: { name: 'windows' }, securityContext: { runAsUser: 1 } },
    'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
  ],
  [
    'a claim that does not say what',
    { resourceClaims: [{ name: 'c' }] },
    'spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ],
  [
    'a container with a claim of nobody',
    withContainer({ resources: { claims: [{ name: 'x' }] } }),
    'spec.containers[0].resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty',
  ],
  [
    'a restart rule without policy',
    withContainer({ restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] }),
    'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
  ],
]

for (const [what, spec, ...texts] of faults) {
  test(`a pod is refused with ${what}`, () => assert.deepEqual(faultsOf(pods, pod(spec)), texts))
}

test('annotations that mean something are checked', () => {
  const faultsWith = (annotations: Loose) => faultsOf(pods, pod({}, { annotations }))
  assert.deepEqual(faultsWith({ 'controller.kubernetes.io/pod-deletion-cost': '+1' }), [
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
  ])
  assert.deepEqual(faultsWith({ 'kubernetes.io/config.mirror': 'x' }), [
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
  ])
})
