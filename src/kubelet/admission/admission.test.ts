import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Node, Pod } from '../../api/types.generated.ts'
import { refusePod } from './admit-pod.ts'
import { portsConflict } from './host-ports.ts'
import { matchesNode } from './node-affinity.ts'
import { untoleratedTaint } from './tolerations.ts'

const pod = (spec: Partial<Pod['spec']> = {}, more: Partial<Container> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [{ name: 'c', resources: {}, ...more }], ...spec },
  status: {},
})
const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node', labels: { zone: 'a', size: '5' } },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '2' } } as unknown as Node['status'],
}
const refusal = (of: Pod, others: Pod[] = [], more: object = {}) =>
  refusePod({ pod: of, others, node, allowedUnsafeSysctls: [], pressure: [], ...more })?.reason

test('ports of the host meet when address, port and protocol do', () => {
  const on = (hostIP: string | undefined, protocol: 'TCP' | 'UDP' = 'TCP', hostPort = 80) =>
    pod({}, { ports: [{ containerPort: 80, hostPort, protocol, hostIP }] })
  assert.equal(portsConflict(on('1.1.1.1'), [on('2.2.2.2')]), false)
  assert.equal(portsConflict(on('1.1.1.1'), [on('1.1.1.1')]), true)
  assert.equal(portsConflict(on('1.1.1.1'), [on(undefined)]), true)
  assert.equal(portsConflict(on(undefined), [on('1.1.1.1', 'UDP')]), false)
  assert.equal(portsConflict(on(undefined), [on(undefined, 'TCP', 81)]), false)
})

test('nodes are chosen by selector and affinity', () => {
  const required = (key: string, operator: string, values?: string[]) =>
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
          },
        },
      } as Pod['spec']['affinity'],
    })
  assert.equal(matchesNode(pod({ nodeSelector: { zone: 'a' } }), node), true)
  assert.equal(matchesNode(pod({ nodeSelector: { zone: 'b' } }), node), false)
  const cases: readonly [string, string, string[] | undefined, boolean][] = [
    ['zone', 'In', ['a', 'b'], true],
    ['zone', 'NotIn', ['a'], false],
    ['none', 'NotIn', ['a'], true],
    ['zone', 'Exists', undefined, true],
    ['none', 'DoesNotExist', undefined, true],
    ['size', 'Gt', ['4'], true],
    ['size', 'Lt', ['5'], false],
  ]
  for (const [key, operator, values, fits] of cases) {
    assert.equal(matchesNode(required(key, operator, values), node), fits, `${key} ${operator}`)
  }
})

test('taints are tolerated by key, effect and value', () => {
  const taint = { key: 'k', value: 'v', effect: 'NoExecute' }
  assert.equal(untoleratedTaint([taint], []), taint)
  assert.equal(untoleratedTaint([taint], [{ operator: 'Exists' }]), undefined)
  assert.equal(untoleratedTaint([taint], [{ key: 'k', value: 'v' }]), undefined)
  assert.equal(untoleratedTaint([taint], [{ key: 'k', value: 'w' }]), taint)
  assert.equal(untoleratedTaint([taint], [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }]), taint)
})

test('a full node refuses, but not who asks for nothing', () => {
  const asks = (cpu: string) => pod({}, { resources: { requests: { cpu } } })
  assert.equal(refusal(asks('2')), undefined)
  assert.equal(refusal(asks('1'), [asks('1500m')]), 'OutOfcpu')
  assert.equal(refusal(pod(), [asks('2')]), undefined)
  assert.equal(refusal(pod(), [pod(), pod()]), 'OutOfpods')
})

test('a node under pressure takes critical pods, and for want of memory those that asked for some', () => {
  const pressure = ['MemoryPressure']
  assert.equal(refusal(pod(), [], { pressure }), 'Evicted')
  assert.equal(refusal(pod({}, { resources: { requests: { memory: '1Mi' } } }), [], { pressure }), undefined)
  assert.equal(refusal(pod({ priority: 2_000_000_000 }), [], { pressure: ['DiskPressure'] }), undefined)
  assert.equal(
    refusal(pod({}, { resources: { requests: { memory: '1Mi' } } }), [], { pressure: ['DiskPressure'] }),
    'Evicted',
  )
})

test('kernel settings are taken when they are safe, allowed and not the host’s', () => {
  const sets = (name: string, spec: Partial<Pod['spec']> = {}) =>
    pod({ securityContext: { sysctls: [{ name, value: '1' }] }, ...spec })
  assert.equal(refusal(sets('net.ipv4.tcp_syncookies')), undefined)
  assert.equal(refusal(sets('net/ipv4/tcp_syncookies')), undefined)
  assert.equal(refusal(sets('net.ipv4.tcp_syncookies', { hostNetwork: true })), 'SysctlForbidden')
  assert.equal(refusal(sets('kernel.msgmax')), 'SysctlForbidden')
  assert.equal(refusal(sets('kernel.msgmax'), [], { allowedUnsafeSysctls: ['kernel.msg*'] }), undefined)
})
