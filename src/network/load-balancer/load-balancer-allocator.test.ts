import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { services } from '../../api/core/v1/service.ts'
import type { Service } from '../../api/types.generated.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { ingressOf, planAddress } from './address-plan.ts'
import { createLoadBalancerAllocator } from './load-balancer-allocator.ts'

const service = (name: string, spec: object = {}, ...ips: string[]) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name },
    spec: { type: 'LoadBalancer', ipFamilies: ['IPv4'], ...spec },
    status: ips.length > 0 ? { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } : {},
  }) as unknown as Service

function setup(...seeded: Service[]) {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  client.seed(services, ...seeded)
  const informers = createInformerFactory({ client, clock, log: silentLogger })
  const told: string[] = []
  const events = {
    event: (_: unknown, type: string, reason: string) => void told.push(`${type} ${reason}`),
    flushed: async () => {},
    stop: () => {},
  }
  const allocator = createLoadBalancerAllocator({
    client,
    informers,
    ranges: ['10.89.0.128/29'],
    events,
    clock,
    log: silentLogger,
  })
  const addresses = () =>
    Object.fromEntries(
      client.objects(services).map((one) => [
        one.metadata.name,
        ingressOf(one)
          .map(({ ip }) => ip)
          .join(),
      ]),
    )
  return { clock, client, informers, allocator, addresses, told }
}

test('each service gets an address of its own; what it had, or asks for, it has', async () => {
  const { clock, client, allocator, addresses, told } = setup(
    service('a'),
    service('b'),
    service('kept', {}, '10.89.0.129'),
    service('asks', { loadBalancerIP: '10.89.0.133' }),
    service('other', { loadBalancerClass: 'example.com/x' }),
    service('foreign', {}, '203.0.113.1'),
    service('plain', { type: 'ClusterIP' }),
  )
  await allocator.start()
  await clock.advance(100)
  assert.deepEqual(addresses(), {
    a: '10.89.0.130',
    b: '10.89.0.131',
    kept: '10.89.0.129',
    asks: '10.89.0.133',
    other: '',
    foreign: '203.0.113.1',
    plain: '',
  })
  assert.deepEqual(told.slice(0, 2), ['Normal EnsuringLoadBalancer', 'Normal EnsuredLoadBalancer'])
  await client.patch(services, { namespace: 'default', name: 'a' }, 'merge', { spec: { type: 'ClusterIP' } })
  await clock.advance(100)
  assert.equal(addresses().a, '')
  await allocator.stop()
})

test('when all addresses are given away a service waits until one is free', async () => {
  const { clock, client, allocator, addresses, told } = setup(
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => service(name)),
  )
  await allocator.start()
  await clock.advance(100)
  assert.equal(addresses().g, '')
  assert.ok(told.includes('Warning SyncLoadBalancerFailed'))
  await client.delete(services, { namespace: 'default', name: 'c' })
  await clock.advance(100)
  assert.equal(addresses().g, '10.89.0.131')
  await allocator.stop()
})

test('a write that conflicts is tried again', async () => {
  const { clock, client, allocator, addresses } = setup(service('a'))
  let failures = 2
  client.react('patch', 'services', () => {
    if (failures-- > 0) throw new Error('not now')
  })
  await allocator.start()
  await clock.advance(5000)
  assert.equal(addresses().a, '10.89.0.129')
  await allocator.stop()
})

test('no plan takes an address that another has, nor leaves its range', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 129, max: 134 })),
      fc.option(fc.integer({ min: 120, max: 140 }), { nil: undefined }),
      fc.uniqueArray(fc.integer({ min: 129, max: 134 }), { maxLength: 1 }),
      (taken, wish, own) => {
        const at = (n: number) => `10.89.0.${n}`
        const spec = wish === undefined ? {} : { loadBalancerIP: at(wish) }
        const plan = planAddress(service('x', spec, ...own.map(at)), ['10.89.0.128/29'], (ip) =>
          taken.map(at).includes(ip),
        )
        const [ip = ''] =
          plan.kind === 'set' ? plan.ingress.map(({ ip }) => ip ?? '') : plan.kind === 'nothing' ? own.map(at) : []
        if (plan.kind === 'exhausted') assert.equal(taken.length, 6)
        else
          assert.ok(
            !taken.map(at).includes(ip) && Number(ip.split('.')[3]) >= 128 && Number(ip.split('.')[3]) <= 135,
            ip,
          )
      },
    ),
  )
})
