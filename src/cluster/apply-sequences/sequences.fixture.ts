import { type Kind, type Sequence, type Step, verbsOf } from './step.fixture.ts'

const template = (containers: readonly object[], more: object = {}) => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers, ...more },
})
const selector = { matchLabels: { app: 'x' } }
const main = { name: 'main', image: 'i:1' }
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

function sequence(name: string, kind: Kind, steps: (verbs: ReturnType<typeof verbsOf>) => readonly Step[]): Sequence {
  const object = name.replaceAll(/[^a-z]+/g, '-').slice(0, 50)
  return { name, steps: steps(verbsOf(kind, object)) }
}

type Live = { metadata: Record<string, unknown>; spec: never; data: Record<string, unknown> }

export const sequences: readonly Sequence[] = [
  sequence('apply creates, changes and takes away', 'ConfigMap', (on) => [
    on.apply('ann', { data: { a: '1', b: '2' } }),
    on.apply('ann', { data: { a: '3' } }),
    on.apply('bob', { data: { c: '4' } }),
    on.apply('ann', {}),
    on.get(),
  ]),
  sequence('conflicts and force', 'ConfigMap', (on) => [
    on.apply('ann', { data: { a: '1', b: '2' } }),
    on.apply('bob', { data: { a: '9', b: '8' } }),
    on.apply('bob', { data: { a: '1' } }),
    on.apply('bob', { data: { a: '9', b: '8' } }, { force: true }),
    on.apply('ann', { data: { a: '1' } }),
    on.put('cid', (live: Live) => (live.data['a'] = '7')),
    on.apply('bob', { data: { a: '9' } }),
    on.get(),
  ]),
  sequence('the same applied twice changes nothing', 'Deployment', (on) => [
    on.apply('ann', { spec: { selector, template: template([main]) } }),
    on.apply('ann', { spec: { selector, template: template([main]) } }),
    on.get(),
  ]),
  sequence('a writer by update is not the applier of that name', 'ConfigMap', (on) => [
    on.create('ann', { data: { a: '1' } }),
    on.apply('ann', { data: { a: '2' } }),
    on.apply('ann', { data: { a: '2' } }, { force: true }),
    on.merge('ann', { data: { a: '3' } }),
    on.get(),
  ]),
  sequence('managed fields emptied begin anew', 'ConfigMap', (on) => [
    on.apply('ann', { data: { a: '1' } }),
    on.merge('bob', { metadata: { managedFields: [] } }),
    on.merge('bob', { data: { b: '2' } }),
    on.apply('ann', { data: { a: '5', c: '3' } }),
    on.json('bob', [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]),
    on.get(),
    on.put('cid', (live: Live) => (live.metadata['managedFields'] = [])),
    on.apply('ann', { data: { a: '5' } }),
  ]),
  sequence('managed fields taken away or made bad stay', 'ConfigMap', (on) => [
    on.apply('ann', { data: { a: '1' } }),
    on.merge('bob', { metadata: { managedFields: null } }),
    on.put('bob', (live: Live) => delete live.metadata['managedFields']),
    on.merge('bob', { metadata: { managedFields: [{ manager: 'x', operation: 'Brew', apiVersion: 'v1' }] } }),
    on.merge('bob', { metadata: { managedFields: [{ manager: 'x', operation: 'Update' }] } }),
    on.merge('bob', {
      metadata: {
        managedFields: [
          { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
        ],
      },
    }),
    on.get(),
  ]),
  sequence('an upgrade from client-side apply', 'ConfigMap', (on) => [
    on.create('kubectl-client-side-apply', {
      metadata: {
        annotations: {
          [lastApplied]: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","b":"2"}}',
        },
      },
      data: { a: '1', b: '2' },
    }),
    on.merge('bob', { data: { b: '3' } }),
    on.apply('kubectl', { data: { a: '5', c: '6' } }),
    on.apply('kubectl', { data: { a: '5', b: '7', c: '6' } }),
    on.get(),
  ]),
  sequence('kubectl keeps the last applied configuration in step', 'ConfigMap', (on) => [
    on.apply('kubectl', { metadata: { annotations: { [lastApplied]: '{}' } }, data: { a: '1' } }),
    on.apply('kubectl', { data: { a: '2' } }),
    on.apply('ann', { data: { d: '1' } }),
    on.get(),
  ]),
  sequence('status has an owner of its own', 'Deployment', (on) => [
    on.apply('ann', { spec: { selector, template: template([main]) }, status: { replicas: 3 } }),
    on.merge('kubelet', { status: { replicas: 1 }, spec: { replicas: 9 } }, 'status'),
    on.apply('watcher', { status: { readyReplicas: 1 }, spec: { replicas: 9 } }, { subresource: 'status' }),
    on.apply('other', { status: { readyReplicas: 2 } }, { subresource: 'status' }),
    on.apply('other', { status: { readyReplicas: 2 } }, { subresource: 'status', force: true }),
    on.put('kubelet', (live: { status: Record<string, unknown> }) => (live.status['replicas'] = 2), 'status'),
    on.get(),
  ]),
  sequence('status of conditions by type', 'Deployment', (on) => [
    on.create('ann', { spec: { selector, template: template([main]) } }),
    on.apply(
      'one',
      {
        status: {
          conditions: [{ type: 'A', status: 'True', reason: 'r', lastUpdateTime: '2026-01-01T00:00:00Z' }],
        },
      },
      { subresource: 'status' },
    ),
    on.strategic('two', { status: { conditions: [{ type: 'B', status: 'False' }] } }, 'status'),
    on.get(),
  ]),
  sequence('scale moves the ownership of replicas', 'Deployment', (on) => [
    on.apply('ann', { spec: { replicas: 2, selector, template: template([main]) } }),
    on.merge('autoscaler', { spec: { replicas: 5 } }, 'scale'),
    on.apply('ann', { spec: { replicas: 2, selector, template: template([main]) } }),
    on.apply('ann', { spec: { selector, template: template([main]) } }),
    on.get('scale'),
    on.put('person', (live: { spec: { replicas: number } }) => (live.spec.replicas = 6), 'scale'),
    on.get(),
  ]),
  sequence('scale of a custom resource', 'Thing', (on) => [
    on.apply('ann', { spec: { replicas: 2 } }),
    on.merge('autoscaler', { spec: { replicas: 5 } }, 'scale'),
    on.get(),
    on.apply('ann', { spec: { replicas: 2 } }, { force: true }),
  ]),
  sequence('scale is applied', 'Deployment', (on) => [
    on.create('ann', { spec: { replicas: 2, selector, template: template([main]) } }),
    on.applyRaw('hpa', { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: {}, spec: { replicas: 3 } }, 'scale'),
    on.applyRaw('other', { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 4 } }, 'scale'),
    on.get(),
  ]),
  sequence('ports are known by number and protocol', 'Service', (on) => [
    on.apply('ann', { spec: { clusterIP: 'None', ports: [{ name: 'a', port: 80 }] } }),
    on.apply('ann', {
      spec: {
        clusterIP: 'None',
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'UDP' },
        ],
      },
    }),
    on.apply('bob', { spec: { ports: [{ name: 'c', port: 81, protocol: 'TCP' }] } }),
    on.apply('bob', { spec: { ports: [{ port: 81, protocol: 'TCP' }] } }),
    on.apply('cid', { spec: { ports: [{ name: 'x', port: 80, protocol: 'TCP' }] } }),
    on.get(),
  ]),
  sequence('container ports twice under one key', 'Deployment', (on) => [
    on.create('ann', {
      spec: {
        selector,
        template: template([
          {
            ...main,
            ports: [
              { name: 'a', containerPort: 80 },
              { name: 'b', containerPort: 80 },
            ],
          },
        ]),
      },
    }),
    on.apply('bob', {
      spec: { selector, template: template([{ ...main, ports: [{ name: 'a', containerPort: 80 }] }]) },
    }),
    on.apply('bob', { spec: { selector, template: template([{ ...main, ports: [{ containerPort: 81 }] }]) } }),
    on.apply('bob', {
      spec: {
        selector,
        template: template([{ ...main, ports: [{ containerPort: 81 }, { containerPort: 81, protocol: 'TCP' }] }]),
      },
    }),
    on.get(),
  ]),
  sequence('environment and its order', 'Deployment', (on) => {
    const env = (...names: string[]) => ({ ...main, env: names.map((name) => ({ name, value: name })) })
    return [
      on.apply('ann', { spec: { selector, template: template([env('A', 'B', 'C')]) } }),
      on.apply('bob', { spec: { selector, template: template([env('C', 'A')]) } }),
      on.apply('ann', { spec: { selector, template: template([env('B', 'A')]) } }),
      on.strategic('cid', {
        spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: 'z' }] }] } } },
      }),
      on.apply('ann', { spec: { selector, template: template([env('B', 'A')]) } }, { force: true }),
      on.get(),
    ]
  }),
  sequence('selectors and maps that are atoms', 'Deployment', (on) => [
    on.apply('ann', { spec: { selector, template: template([main], { nodeSelector: { a: 'b', c: 'd' } }) } }),
    on.apply('bob', { spec: { selector, template: template([main], { nodeSelector: { a: 'b' } }) } }),
    on.apply('bob', { spec: { selector, template: template([main], { nodeSelector: { a: 'b' } }) } }, { force: true }),
    on.get(),
  ]),
  sequence('finalizers and owners', 'ConfigMap', (on) => [
    on.apply('ann', {
      metadata: {
        finalizers: ['example.com/a'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u1' }],
      },
    }),
    on.apply('bob', {
      metadata: {
        finalizers: ['example.com/b'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'p', uid: 'u2' }],
      },
    }),
    on.apply('ann', {}),
    on.get(),
  ]),
  sequence('quantities in other words are the same', 'Deployment', (on) => {
    const cpu = (amount: string) => ({
      spec: { selector, template: template([{ ...main, resources: { limits: { cpu: amount } } }]) },
    })
    return [on.apply('ann', cpu('1')), on.apply('bob', cpu('1000m')), on.apply('bob', cpu('2')), on.get()]
  }),
  sequence('string data of secrets', 'Secret', (on) => [
    on.apply('ann', { stringData: { a: 'tea' } }),
    on.apply('ann', { stringData: { b: 'tea' } }),
    on.apply('bob', { data: { a: 'Y29mZmVl' } }),
    on.get(),
  ]),
  sequence('the oldest of many writers are gathered', 'ConfigMap', (on) => [
    on.create('m0', { data: { k0: 'v' } }),
    ...Array.from({ length: 13 }, (_, index) => on.merge(`m${index + 1}`, { data: { [`k${index + 1}`]: 'v' } })),
    on.get(),
  ]),
  sequence('unstructured below and null', 'Thing', (on) => [
    on.apply('ann', { spec: { anything: { a: { b: [1, { c: null }] }, d: null }, other: null } }),
    on.apply('bob', { spec: { anything: { a: { b: [2] } } } }),
    on.apply('bob', { spec: { anything: { e: 'f' } } }),
    on.apply('ann', { spec: { other: 'x' } }),
    on.get(),
  ]),
  sequence('unknown fields of a custom resource', 'Thing', (on) => [
    on.apply('ann', { spec: { tea: 1 } }),
    on.create('ann', { spec: { tea: 1, text: 'x' }, tea: 2 }),
    on.merge('bob', { spec: { milk: 1 } }),
    on.get(),
  ]),
  sequence('sets with one item twice', 'Thing', (on) => [
    on.apply('ann', { spec: { set: ['a', 'a'] } }),
    on.create('ann', { spec: { set: ['a', 'a'] } }),
    on.create('ann', { spec: { map: [{ name: 'a' }, { name: 'a' }] } }),
    on.apply('ann', { spec: { map: [{ name: 'a' }, { name: 'a' }] } }),
    on.apply('ann', { spec: { map: [{ value: 'a' }] } }),
    on.get(),
  ]),
  sequence('a key that is defaulted', 'Thing', (on) => [
    on.apply('ann', { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }] } }),
    on.apply('bob', { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'x' }] } }),
    on.apply('ann', { spec: { ports: [{ port: 80, protocol: 'UDP' }] } }),
    on.get(),
  ]),
  sequence('status of a custom resource', 'Thing', (on) => [
    on.apply('ann', { spec: { text: 'x' }, status: { phase: 'a' } }),
    on.apply('watcher', { status: { phase: 'b' }, spec: { text: 'y' } }, { subresource: 'status' }),
    on.merge('bob', { status: { replicas: 1 }, metadata: { labels: { a: 'b' } } }, 'status'),
    on.get(),
  ]),
  sequence('a kind in two versions', 'HorizontalPodAutoscaler', (on) => [
    on.apply('ann', {
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' }, maxReplicas: 3 },
    }),
    on.merge('bob', { spec: { targetCPUUtilizationPercentage: 70 } }),
    {
      ...on.apply('ann', { spec: {} }),
      path: on.get().path.replace('/v1/', '/v2/'),
      body: {
        kind: 'HorizontalPodAutoscaler',
        apiVersion: 'autoscaling/v2',
        metadata: { name: on.get().path.split('/').at(-1) },
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' }, maxReplicas: 4 },
      },
    },
    on.get(),
    { ...on.get(), path: on.get().path.replace('/v1/', '/v2/') },
  ]),
  sequence('taints and addresses of nodes', 'Node', (on) => [
    on.apply('ann', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
    on.apply('bob', { spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] } }),
    on.apply('kubelet', { status: { addresses: [{ type: 'Hostname', address: 'x' }] } }, { subresource: 'status' }),
    on.merge('kubelet', { status: { capacity: { cpu: '4' } } }, 'status'),
    on.get(),
  ]),
  sequence('what apply may not say', 'ConfigMap', (on) => [
    on.apply('ann', { metadata: { uid: 'x' }, data: { a: '1' } }),
    on.apply('ann', { metadata: { resourceVersion: '5' }, data: { a: '1' } }),
    on.apply('ann', { data: { a: '1' } }),
    on.apply('ann', { metadata: { resourceVersion: '5' }, data: { a: '1' } }),
    on.apply('ann', { metadata: { uid: 'x' }, data: { a: '1' } }),
    on.apply('ann', { metadata: { generation: 5, creationTimestamp: '2026-01-01T00:00:00Z' }, data: { a: '1' } }),
    on.apply('', { data: { a: '1' } }),
    on.get(),
  ]),
  sequence('writes that change nothing', 'ConfigMap', (on) => [
    on.create('ann', { data: { a: '1' } }),
    on.merge('bob', {}),
    on.merge('bob', { data: { a: '1' } }),
    on.put('bob', () => {}),
    on.get(),
  ]),
]
