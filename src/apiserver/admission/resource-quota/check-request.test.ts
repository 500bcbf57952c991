import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluatorFor } from '../../../api/quota/evaluators.ts'
import type { ResourceQuota } from '../../../api/types.generated.ts'
import { deepFreeze } from '../../../machinery/json.ts'
import { checkRequest, type QuotaRequest } from './check-request.ts'

const quota = (hard: Record<string, string>, used: Record<string, string>, spec: object = {}): ResourceQuota =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard, ...spec },
    status: { hard, used },
  }) as ResourceQuota
const pod = (requests: object, limits: object = {}, spec: object = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', resourceVersion: '1' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests, limits } }], ...spec },
  ...more,
})
const check = (
  resource: string,
  quotas: ResourceQuota[],
  request: Omit<Partial<QuotaRequest>, 'object'> & { object: object },
) => {
  const all = { operation: 'CREATE', subresource: '', ...request } as QuotaRequest
  const evaluator = evaluatorFor({ group: '', resource })!
  if (!evaluator.handles(all)) return 'not concerned'
  const result = checkRequest(quotas, all, evaluator, 0)
  return 'refusal' in result ? result.refusal : result.quotas.map(({ status }) => status?.used)
}

test('pods count by number and by what they ask for', () => {
  const hard = { pods: '2', 'requests.cpu': '1', 'limits.memory': '2Gi', 'requests.example.com/gpu': '1' }
  const used = { pods: '1', 'requests.cpu': '500m', 'limits.memory': '1Gi', 'requests.example.com/gpu': '0' }
  const fits = pod({ cpu: '500m', 'example.com/gpu': '1' }, { memory: '1Gi' })
  assert.deepEqual(check('pods', [quota(hard, used)], { object: fits }), [
    { pods: '2', 'requests.cpu': '1', 'limits.memory': '2Gi', 'requests.example.com/gpu': '1' },
  ])
  assert.equal(
    check('pods', [quota(hard, used)], { object: pod({ cpu: '600m' }, { memory: '2Gi' }) }),
    'exceeded quota: q, requested: limits.memory=2Gi,requests.cpu=600m, used: limits.memory=1Gi,requests.cpu=500m, limited: limits.memory=2Gi,requests.cpu=1',
  )
  assert.equal(
    check('pods', [quota(hard, used)], { object: pod({}, { memory: '1Gi' }) }),
    'failed quota: q: must specify requests.cpu for: c',
  )
  assert.equal(
    check('pods', [quota(hard, { pods: '0' })], { object: pod({ cpu: '1' }, { memory: '1' }) }),
    'status unknown for quota: q, resources: pods,requests.cpu,limits.memory,requests.example.com/gpu',
  )
})

test('scopes decide which pods count', () => {
  const counted = (spec: object, object: object) => {
    const result = check('pods', [quota({ pods: '5' }, { pods: '0' }, spec)], { object })
    return Array.isArray(result) && result[0]?.pods === '1'
  }
  const best = pod({})
  const burst = pod({ cpu: '1' })
  assert.deepEqual(
    [counted({ scopes: ['BestEffort'] }, best), counted({ scopes: ['BestEffort'] }, burst)],
    [true, false],
  )
  assert.deepEqual(
    [counted({ scopes: ['NotBestEffort'] }, best), counted({ scopes: ['NotBestEffort'] }, burst)],
    [false, true],
  )
  const dying = pod({}, {}, { activeDeadlineSeconds: 5 })
  assert.deepEqual(
    [counted({ scopes: ['Terminating'] }, dying), counted({ scopes: ['NotTerminating'] }, dying)],
    [true, false],
  )
  const important = pod({}, {}, { priorityClassName: 'high' })
  const selector = (operator: string, values?: string[]) => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
  })
  assert.deepEqual(
    [
      selector('In', ['high']),
      selector('In', ['low']),
      selector('NotIn', ['low']),
      selector('Exists'),
      selector('DoesNotExist'),
    ].map((one) => counted(one, important)),
    [true, false, true, true, false],
  )
  const crossing = {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', namespaces: ['x'] }] },
    },
  }
  assert.equal(counted({ scopes: ['CrossNamespacePodAffinity'] }, pod({}, {}, crossing)), true)
})

test('services, claims and plain objects count as upstream counts them', () => {
  const service = (type: string, ports = 2) => ({
    metadata: { name: 's' },
    spec: { type, ports: Array.from({ length: ports }, () => ({ port: 1 })) },
  })
  const hard = { services: '9', 'services.nodeports': '3', 'services.loadbalancers': '1' }
  const used = { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' }
  assert.deepEqual(check('services', [quota(hard, used)], { object: service('LoadBalancer') }), [
    { services: '1', 'services.nodeports': '2', 'services.loadbalancers': '1' },
  ])
  assert.match(
    JSON.stringify(check('services', [quota(hard, used)], { object: service('NodePort', 4) })),
    /exceeded quota: q, requested: services.nodeports=4/,
  )
  const grown = check('services', [quota(hard, { ...used, services: '1' })], {
    operation: 'UPDATE',
    object: service('NodePort'),
    old: { ...service('ClusterIP'), apiVersion: 'v1', kind: 'Service', metadata: { name: 's', resourceVersion: '4' } },
  })
  assert.deepEqual(grown, [{ services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' }])
  const claim = {
    metadata: { name: 'c' },
    spec: { storageClassName: 'gold', resources: { requests: { storage: '1Gi' } } },
  }
  const gold = 'gold.storageclass.storage.k8s.io/requests.storage'
  assert.deepEqual(
    check(
      'persistentvolumeclaims',
      [quota({ [gold]: '2Gi', 'requests.storage': '5Gi' }, { [gold]: '0', 'requests.storage': '0' })],
      { object: claim },
    ),
    [{ [gold]: '1Gi', 'requests.storage': '1Gi' }],
  )
  assert.equal(
    check('secrets', [quota({ secrets: '0', 'count/secrets': '5' }, { secrets: '0', 'count/secrets': '0' })], {
      object: { metadata: { name: 's' } },
    }),
    'exceeded quota: q, requested: secrets=1, used: secrets=0, limited: secrets=0',
  )
  assert.equal(evaluatorFor({ group: '', resource: 'events' }), undefined)
})

test('a resize is charged with the difference only', () => {
  const result = check('pods', [quota({ 'requests.cpu': '3' }, { 'requests.cpu': '2' })], {
    operation: 'UPDATE',
    subresource: 'resize',
    object: pod({ cpu: '3' }),
    old: pod({ cpu: '2' }) as never,
  })
  assert.deepEqual(result, [{ 'requests.cpu': '3' }])
})

test('whatever comes in whatever order, what is used never exceeds what is allowed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 30 }),
      fc.integer({ min: 0, max: 3000 }),
      (asked, hard) => {
        let present = [quota({ 'requests.cpu': `${hard}m` }, { 'requests.cpu': '0' })]
        for (const cpu of asked) {
          const result = checkRequest(
            present,
            { operation: 'CREATE', subresource: '', object: pod({ cpu: `${cpu}m` }) as never },
            evaluatorFor({ group: '', resource: 'pods' })!,
            0,
          )
          if ('quotas' in result) present = [...result.quotas]
          const used = present[0]!.status!.used!['requests.cpu']!
          assert.ok((used.endsWith('m') ? Number(used.slice(0, -1)) : Number(used) * 1000) <= hard)
        }
      },
    ),
  )
})

test('what is limited may be used only where a quota covers it', () => {
  const limited = [
    {
      apiGroup: '',
      resource: 'pods',
      matchContains: ['requests.cpu'],
      matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
    },
  ]
  const asks = pod({ cpu: '1' })
  assert.equal(check('pods', [], { object: asks, limited }), 'insufficient quota to consume: requests.cpu')
  const covering = quota({ 'requests.cpu': '2' }, { 'requests.cpu': '0' })
  assert.deepEqual(check('pods', [covering], { object: asks, limited }), [{ 'requests.cpu': '1' }])
  const high = pod({ cpu: '1' }, {}, { priorityClassName: 'high' })
  assert.equal(
    check('pods', [covering], { object: high, limited }),
    'insufficient quota to match these scopes: [{PriorityClass In [high]}]',
  )
  const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] }
  const forHigh = quota({ 'requests.cpu': '2' }, { 'requests.cpu': '0' }, { scopeSelector })
  assert.deepEqual(check('pods', [forHigh], { object: high, limited }), [{ 'requests.cpu': '1' }])
  assert.deepEqual(check('pods', [], { object: pod({ memory: '1' }), limited }), [])
})
