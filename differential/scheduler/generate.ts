import type { Random } from '../../src/machinery/random.ts'
import { type Dice, diceOf } from './dice.ts'
import { deviceObjects, withClaim } from './generate-devices.ts'

type Json = Readonly<Record<string, unknown>>

/** A cluster, and pods that are to be judged in it, one after another. */
export interface SchedulingCase {
  readonly name: string
  readonly nodes: readonly Json[]
  /** Other objects by the path of their collection. */
  readonly objects: readonly (readonly [path: string, object: Json])[]
  /** Pods that are on nodes. */
  readonly present: readonly Json[]
  readonly judged: readonly Json[]
}

export const namespaces = { web: { team: 'web' }, data: { team: 'data' } }
export const priorities = { low: -10, mid: 100, high: 1000, calm: 900 }
/** Pods of this class send nobody away. */
export const calm = 'calm'
const zones = ['a', 'b', 'c']
const apps = ['x', 'y']

/** Clusters by chance, the same for the same seed. Each case turns some features on, so that reasons meet. */
export function schedulingCase(random: Random, index: number, always: readonly string[] = []): SchedulingCase {
  const dice = diceOf(random)
  const isCrowded = index % 4 === 0
  const features = new Set<string>(featureNames.filter(() => dice.chance(isCrowded ? 0.1 : 0.3)))
  for (const feature of always) features.add(feature)
  if (isCrowded) for (const feature of ['priorities', 'tight', 'budgets']) features.add(feature)
  const nodes = Array.from({ length: dice.between(1, 7) }, (_, at) => node(`n${at}`, dice, features))
  const names = nodes.map(({ metadata }) => (metadata as { name: string }).name)
  const present = withoutSharedPorts(
    Array.from({ length: isCrowded ? dice.between(6, 16) : dice.between(0, 10) }, (_, at) =>
      pod(`there-${index}-${at}`, dice, features, { nodeName: dice.of(names) }),
    ),
  )
  const objects: [string, Json][] = []
  if (features.has('services'))
    objects.push([
      '/api/v1/namespaces/web/services',
      {
        kind: 'Service',
        apiVersion: 'v1',
        metadata: { name: 's' },
        spec: { selector: { app: 'x' }, ports: [{ port: 80 }] },
      },
    ])
  if (features.has('budgets'))
    objects.push([
      '/apis/policy/v1/namespaces/web/poddisruptionbudgets',
      {
        kind: 'PodDisruptionBudget',
        apiVersion: 'policy/v1',
        metadata: { name: 'b' },
        spec: { minAvailable: 1, selector: { matchLabels: { app: dice.of(apps) } } },
      },
    ])
  if (features.has('volumes')) objects.push(...volumes(dice, names))
  const plain = Array.from({ length: 4 }, (_, at) =>
    pod(`judged-${index}-${at}`, dice, features, { waits: true, names }),
  )
  if (features.has('devices')) objects.push(...deviceObjects(dice, names))
  const judged = features.has('devices') ? plain.map((each, at) => withClaim(each, at, dice, objects)) : plain
  return { name: `${index}: ${[...features].join(' ')}`, nodes, objects, present, judged }
}

/** No kubelet takes a second pod with a port that is taken: such a pod is without ports. */
function withoutSharedPorts(pods: readonly Json[]): readonly Json[] {
  const taken = new Set<string>()
  return pods.map((pod) => {
    interface Spec {
      readonly nodeName: string
      readonly containers: readonly { readonly ports?: readonly { readonly hostPort: number }[] }[]
    }
    const spec = pod['spec'] as Spec
    const [container] = spec.containers
    const port = container?.ports?.[0]?.hostPort
    if (port === undefined) return pod
    const key = `${spec.nodeName} ${port}`
    const isTaken = taken.has(key)
    taken.add(key)
    return isTaken ? { ...pod, spec: { ...spec, containers: [{ ...container, ports: [] }] } } : pod
  })
}

const featureNames = [
  'taints',
  'selectors',
  'affinity',
  'spread',
  'ports',
  'priorities',
  'volumes',
  'extended',
  'images',
  'gates',
  'services',
  'budgets',
  'named',
  'tight',
  'nodeless',
  'devices',
] as const

const images = ['registry.test/small:1', 'registry.test/large:1', 'registry.test/huge']

function node(name: string, dice: Dice, features: ReadonlySet<string>): Json {
  const labels: Record<string, string> = { 'kubernetes.io/hostname': name }
  if (dice.chance(0.8)) labels['topology.kubernetes.io/zone'] = dice.of(zones)
  if (dice.chance(0.5)) labels['disk'] = dice.of(['ssd', 'hdd'])
  if (dice.chance(0.3)) labels['rank'] = String(dice.between(1, 5))
  const taints = features.has('taints')
    ? ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
        .filter(() => dice.chance(0.3))
        .map((effect) => ({ key: dice.of(['gpu', 'old']), value: dice.of(['', 'yes']), effect }))
    : []
  const allocatable = {
    cpu: dice.of(features.has('tight') ? ['500m', '1'] : ['2', '4', '3500m']),
    memory: dice.of(['2Gi', '4Gi', '8Gi']),
    'ephemeral-storage': dice.of(['1Gi', '20Gi']),
    pods: dice.of(features.has('tight') ? ['2', '3'] : ['110', '20']),
    ...(features.has('extended') && dice.chance(0.6) && { 'example.com/gpu': String(dice.between(0, 3)) }),
    ...(features.has('extended') && dice.chance(0.4) && { 'hugepages-2Mi': '64Mi' }),
  }
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name, labels },
    spec: { ...(dice.chance(0.1) && features.has('taints') && { unschedulable: true }), taints },
    status: {
      capacity: allocatable,
      allocatable,
      ...(features.has('images') && {
        images: images
          .filter(() => dice.chance(0.5))
          .map((image, at) => ({
            names: [image.includes(':1') ? image : `${image}:latest`],
            sizeBytes: [30, 300, 900][at]! * 2 ** 20,
          })),
      }),
    },
  }
}

interface PodOptions {
  readonly nodeName?: string
  /** It is to be judged. */
  readonly waits?: boolean
  readonly names?: readonly string[]
}

function pod(
  name: string,
  dice: Dice,
  features: ReadonlySet<string>,
  { nodeName, waits, names = [] }: PodOptions,
): Json {
  const has = (feature: string, share: number) => features.has(feature) && dice.chance(share)
  const namespace = dice.of(Object.keys(namespaces))
  const requests: Record<string, string> = {}
  if (dice.chance(0.7)) requests['cpu'] = dice.of(['100m', '400m', '1', '2500m'])
  if (dice.chance(0.6)) requests['memory'] = dice.of(['64Mi', '1Gi', '3Gi'])
  if (dice.chance(0.2)) requests['ephemeral-storage'] = dice.of(['500Mi', '5Gi'])
  if (has('extended', 0.5)) requests['example.com/gpu'] = String(dice.between(1, 2))
  const limits = 'example.com/gpu' in requests ? { 'example.com/gpu': requests['example.com/gpu'] } : undefined
  const priority = has('priorities', 0.8) ? dice.of(Object.keys(priorities)) : undefined
  const container = {
    name: 'main',
    image: dice.of(images),
    resources: { requests, ...(limits && { limits }) },
    ...(has('ports', 0.6) && {
      ports: [
        {
          containerPort: 80,
          hostPort: dice.of([8080, 8081]),
          protocol: dice.of(['TCP', 'UDP']),
          ...(dice.chance(0.3) && { hostIP: '127.0.0.1' }),
        },
      ],
    }),
  }
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace, labels: { app: dice.of(apps), ...(dice.chance(0.3) && { tier: 'front' }) } },
    spec: {
      automountServiceAccountToken: false,
      ...(nodeName && { nodeName }),
      ...(priority && { priorityClassName: priority }),
      ...(waits && has('gates', 0.1) && { schedulingGates: [{ name: 'example.com/gate' }] }),
      ...(waits && has('selectors', 0.5) && { nodeSelector: { disk: dice.of(['ssd', 'hdd', 'none']) } }),
      affinity: affinity(dice, features, waits === true, names),
      ...(waits && has('taints', 0.6) && { tolerations: tolerations(dice) }),
      ...(waits && has('spread', 0.7) && { topologySpreadConstraints: spread(dice) }),
      ...(waits &&
        has('volumes', 0.6) && {
          volumes: [
            {
              name: 'v',
              persistentVolumeClaim: {
                claimName: dice.of(['bound', 'lost', 'delayed', 'made', 'immediate', 'absent']),
              },
            },
          ],
        }),
      containers: [container],
    },
  }
}

function tolerations(dice: Dice): readonly Json[] {
  return [
    dice.of<Json>([
      { operator: 'Exists' },
      { key: 'gpu', operator: 'Exists' },
      { key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
      { key: 'old', operator: 'Equal', value: '', effect: 'PreferNoSchedule' },
    ]),
  ]
}

function spread(dice: Dice): readonly Json[] {
  const keys = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname', 'disk']
  return keys
    .filter(() => dice.chance(0.5))
    .map((topologyKey) => {
      const hard = dice.chance(0.6)
      return {
        topologyKey,
        maxSkew: dice.between(1, 2),
        whenUnsatisfiable: hard ? 'DoNotSchedule' : 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: dice.of(apps) } },
        ...(hard && dice.chance(0.3) && { minDomains: dice.between(1, 4) }),
        ...(dice.chance(0.2) && { nodeTaintsPolicy: 'Honor' }),
        ...(dice.chance(0.2) && { nodeAffinityPolicy: 'Ignore' }),
        ...(dice.chance(0.2) && { matchLabelKeys: ['tier'] }),
      }
    })
}

function affinity(dice: Dice, features: ReadonlySet<string>, waits: boolean, names: readonly string[]): Json {
  const has = (feature: string, share: number) => features.has(feature) && dice.chance(share)
  const requirement = () =>
    dice.of<Json>([
      { key: 'disk', operator: 'In', values: ['ssd'] },
      { key: 'disk', operator: 'NotIn', values: ['ssd'] },
      { key: 'rank', operator: 'Gt', values: ['2'] },
      { key: 'rank', operator: 'Exists' },
      { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a', 'b'] },
    ])
  const term = () => {
    const keys = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname']
    return {
      topologyKey: dice.of(keys),
      labelSelector: dice.of<Json>([
        { matchLabels: { app: dice.of(apps) } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
      ]),
      ...(dice.chance(0.3) && { namespaceSelector: { matchLabels: { team: dice.of(['web', 'data']) } } }),
      ...(dice.chance(0.2) && { namespaces: ['data'] }),
    }
  }
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  const wish = () => [{ weight: dice.between(1, 100), podAffinityTerm: term() }]
  const nodeTerms = has('named', 0.3)
    ? [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [dice.of([...names, 'gone'])] }] }]
    : [{ matchExpressions: [requirement()] }]
  return {
    ...(waits &&
      (has('selectors', 0.5) || has('named', 0.4)) && {
        nodeAffinity: {
          ...(dice.chance(0.6) && { [required]: { nodeSelectorTerms: nodeTerms } }),
          ...(dice.chance(0.6) && {
            [preferred]: [{ weight: dice.between(1, 100), preference: { matchExpressions: [requirement()] } }],
          }),
        },
      }),
    ...(has('affinity', waits ? 0.4 : 0.25) && {
      podAffinity: {
        ...(waits && dice.chance(0.5) && { [required]: [term(), ...(dice.chance(0.2) ? [term()] : [])] }),
        ...(dice.chance(0.5) && { [preferred]: wish() }),
      },
    }),
    ...(has('affinity', waits ? 0.4 : 0.25) && {
      podAntiAffinity: {
        ...(dice.chance(0.5) && { [required]: [term()] }),
        ...(dice.chance(0.5) && { [preferred]: wish() }),
      },
    }),
  }
}

/** Claims of both namespaces, by what is to become of them. */
function volumes(dice: Dice, names: readonly string[]): readonly [string, Json][] {
  const classes = ['delayed', 'made', 'immediate'].map((name): [string, Json] => [
    '/apis/storage.k8s.io/v1/storageclasses',
    {
      kind: 'StorageClass',
      apiVersion: 'storage.k8s.io/v1',
      metadata: { name },
      provisioner: name === 'made' ? 'csi.test' : 'kubernetes.io/no-provisioner',
      volumeBindingMode: name === 'immediate' ? 'Immediate' : 'WaitForFirstConsumer',
      ...(name === 'made' &&
        dice.chance(0.5) && {
          allowedTopologies: [
            { matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: [dice.of(zones)] }] },
          ],
        }),
    },
  ])
  const driver: [string, Json] = [
    '/apis/storage.k8s.io/v1/csidrivers',
    {
      kind: 'CSIDriver',
      apiVersion: 'storage.k8s.io/v1',
      metadata: { name: 'csi.test' },
      spec: { storageCapacity: dice.chance(0.5), attachRequired: true },
    },
  ]
  const capacities = zones
    .filter(() => dice.chance(0.6))
    .map((zone): [string, Json] => [
      '/apis/storage.k8s.io/v1/namespaces/web/csistoragecapacities',
      {
        kind: 'CSIStorageCapacity',
        apiVersion: 'storage.k8s.io/v1',
        metadata: { name: `made-${zone}` },
        storageClassName: 'made',
        nodeTopology: { matchLabels: { 'topology.kubernetes.io/zone': zone } },
        capacity: dice.of(['500Mi', '2Gi', '50Gi']),
      },
    ])
  const volume = (name: string, more: Json): [string, Json] => [
    '/api/v1/persistentvolumes',
    {
      kind: 'PersistentVolume',
      apiVersion: 'v1',
      metadata: { name, ...(dice.chance(0.3) && { labels: { 'topology.kubernetes.io/zone': dice.of(zones) } }) },
      spec: {
        capacity: { storage: dice.of(['1Gi', '5Gi']) },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/tmp/none' },
        ...(dice.chance(0.7) && {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [dice.of(names)] }] },
              ],
            },
          },
        }),
        ...more,
      },
    },
  ]
  const claim = (namespace: string, name: string, storageClassName: string, volumeName?: string): [string, Json] => [
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      metadata: { name, ...(volumeName && { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName,
        resources: { requests: { storage: '1Gi' } },
        ...(volumeName && { volumeName }),
      },
    },
  ]
  return [
    ...classes,
    driver,
    ...capacities,
    ...Object.keys(namespaces).flatMap((namespace) => [
      volume(`bound-${namespace}`, {
        storageClassName: 'immediate',
        claimRef: { namespace, name: 'bound', kind: 'PersistentVolumeClaim', apiVersion: 'v1' },
      }),
      claim(namespace, 'bound', 'immediate', `bound-${namespace}`),
      claim(namespace, 'lost', 'immediate', 'nowhere'),
      claim(namespace, 'delayed', 'delayed'),
      claim(namespace, 'made', 'made'),
      claim(namespace, 'immediate', 'immediate'),
    ]),
    ...Array.from({ length: dice.between(0, 3) }, (_, at) => volume(`free-${at}`, { storageClassName: 'delayed' })),
  ]
}
