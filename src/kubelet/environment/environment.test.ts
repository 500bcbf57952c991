import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConfigMap, Container, Pod, Secret, Service } from '../../api/types.generated.ts'
import { notFound } from '../../machinery/errors.ts'
import { fieldValue, resourceValue } from './downward-fields.ts'
import { containerEnvironment } from './environment.ts'
import { expand } from './expansion.ts'
import { serviceEnvironment } from './service-environment.ts'

test('references are replaced, unknown ones stay, dollars escape', () => {
  const values: Record<string, string> = { A: 'a', B: '$(A)', EMPTY: '' }
  const cases: readonly [string, string][] = [
    ['$(A)', 'a'],
    ['-$(A)-$(A)', '-a-a'],
    ['$(B)', '$(A)'],
    ['$(EMPTY)x', 'x'],
    ['$(NONE)', '$(NONE)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$$$$(A)', '$$(A)'],
    ['$', '$'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['$(A$(A)', '$(A$(A)'],
    ['$()', '$()'],
  ]
  for (const [input, output] of cases)
    assert.equal(
      expand(input, (name) => values[name]),
      output,
      input,
    )
})

test('a text without dollars is never changed', () => {
  fc.assert(fc.property(fc.string(), (text) => text.includes('$') || expand(text, () => 'x') === text))
})

const service = (name: string, namespace: string, more: object = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    clusterIP: '10.0.0.1',
    ports: [
      { port: 80, targetPort: 80, name: 'web', protocol: 'TCP' },
      { port: 53, targetPort: 53, protocol: 'UDP' },
    ],
    ...more,
  },
  status: {},
})

test('services are told in upstream’s variables; the API server to everyone', () => {
  const services = [
    service('kubernetes', 'default', { clusterIP: '10.96.0.1', ports: [{ port: 443, name: 'https' }] }),
    service('my-db', 'shop'),
    service('headless', 'shop', { clusterIP: 'None' }),
    service('other', 'elsewhere'),
  ]
  const all = Object.fromEntries(serviceEnvironment(services, 'shop', true))
  assert.deepEqual(Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('MY_DB'))), {
    MY_DB_SERVICE_HOST: '10.0.0.1',
    MY_DB_SERVICE_PORT: '80',
    MY_DB_SERVICE_PORT_WEB: '80',
    MY_DB_PORT: 'tcp://10.0.0.1:80',
    MY_DB_PORT_80_TCP: 'tcp://10.0.0.1:80',
    MY_DB_PORT_80_TCP_PROTO: 'tcp',
    MY_DB_PORT_80_TCP_PORT: '80',
    MY_DB_PORT_80_TCP_ADDR: '10.0.0.1',
    MY_DB_PORT_53_UDP: 'udp://10.0.0.1:53',
    MY_DB_PORT_53_UDP_PROTO: 'udp',
    MY_DB_PORT_53_UDP_PORT: '53',
    MY_DB_PORT_53_UDP_ADDR: '10.0.0.1',
  })
  assert.equal(all['KUBERNETES_SERVICE_HOST'], '10.96.0.1')
  assert.equal(all['OTHER_SERVICE_HOST'], undefined)
  const few = [...serviceEnvironment(services, 'shop', false).keys()]
  assert.ok(few.every((name) => name.startsWith('KUBERNETES_')))
})

const container: Container = {
  name: 'main',
  resources: { requests: { cpu: '250m', memory: '1000' }, limits: { memory: '100Mi' } },
}
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'shop',
    uid: 'u',
    labels: { b: '2', a: 'say "x"' },
    annotations: { 'x.io/k': 'v' },
  },
  spec: { nodeName: 'n', serviceAccountName: 'sa', containers: [container] },
  status: {},
}
const facts = {
  pod,
  podIPs: ['10.1.1.1', 'fd00::1'],
  hostIPs: ['192.168.0.1'],
  allocatable: { cpu: '4', memory: '8Gi' },
}

test('fields of the pod by path', () => {
  assert.equal(fieldValue(facts, 'metadata.labels'), 'a="say \\"x\\""\nb="2"')
  assert.equal(fieldValue(facts, "metadata.annotations['x.io/k']"), 'v')
  assert.equal(fieldValue(facts, "metadata.labels['none']"), '')
  assert.equal(fieldValue(facts, 'status.podIPs'), '10.1.1.1,fd00::1')
  assert.equal(fieldValue(facts, 'status.hostIP'), '192.168.0.1')
  assert.throws(() => fieldValue(facts, 'spec.containers'), /unsupported fieldPath: spec.containers/)
})

test('resources in units of the divisor, rounded up, with the node’s where there is no limit', () => {
  const value = (resource: string, divisor = '0') => resourceValue(facts, { resource, divisor }, container)
  assert.equal(value('requests.cpu'), '1')
  assert.equal(value('requests.cpu', '1m'), '250')
  assert.equal(value('limits.cpu'), '4')
  assert.equal(value('requests.memory', '1Ki'), '1')
  assert.equal(value('limits.memory', '1Mi'), '100')
  assert.throws(() => value('limits.apples'), /unsupported container resource : limits.apples/)
})

const objects = {
  configMap: async (_: string, name: string): Promise<ConfigMap> => {
    if (name !== 'cm') throw notFound({ group: '', resource: 'configmap' }, name)
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v', other: 'w' } }
  },
  secret: async (_: string, name: string): Promise<Secret> => {
    if (name !== 'sec') throw notFound({ group: '', resource: 'secret' }, name)
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { s: Buffer.from('ß').toString('base64') } }
  },
}
const environment = (more: Partial<Container>) =>
  containerEnvironment({
    facts,
    container: { ...container, ...more },
    services: [],
    objects,
    fileValue: async () => undefined,
  })

test('variables come from everywhere, the later ones win, and refer to the earlier', async () => {
  const found = await environment({
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 'none', optional: true } }],
    env: [
      { name: 'P_other', value: 'mine' },
      { name: 'REF', value: '$(P_k)/$(P_other)/$(LATER)' },
      { name: 'LATER', value: 'x' },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'sec', key: 's' } } },
      { name: 'GONE', valueFrom: { configMapKeyRef: { name: 'cm', key: 'none', optional: true } } },
      { name: 'EMPTY' },
    ],
  })
  assert.deepEqual(Object.fromEntries(found), {
    P_k: 'v',
    P_other: 'mine',
    REF: 'v/mine/$(LATER)',
    LATER: 'x',
    SECRET: 'ß',
    EMPTY: '',
  })
})

test('what is missing and not optional is named', async () => {
  const from = (valueFrom: object) => environment({ env: [{ name: 'X', valueFrom }] })
  await assert.rejects(from({ configMapKeyRef: { name: 'none', key: 'k' } }), /configmap "none" not found/)
  await assert.rejects(
    from({ configMapKeyRef: { name: 'cm', key: 'none' } }),
    /couldn't find key none in ConfigMap shop\/cm/,
  )
  await assert.rejects(
    from({ secretKeyRef: { name: 'sec', key: 'none' } }),
    /couldn't find key none in Secret shop\/sec/,
  )
  await assert.rejects(environment({ envFrom: [{ secretRef: { name: 'none' } }] }), /secret "none" not found/)
})
