import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipAddresses } from '../../api/networking/v1/ip-address.ts'
import { serviceCidrs } from '../../api/networking/v1/service-cidr.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { serviceCidrController } from './controller.ts'

const range = (name: string, ...cidrs: string[]): KubeObject =>
  ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } }) as KubeObject
const address = (name: string): KubeObject =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
  }) as unknown as KubeObject
const start = () => startHarness({ controllers: [serviceCidrController] })
const the = ({ client }: Harness, name: string) =>
  client.objects(serviceCidrs).find(({ metadata }) => metadata.name === name)
const ready = (harness: Harness, name: string) => {
  const { status, reason } = the(harness, name)!.status.conditions!.find(({ type }) => type === 'Ready')!
  return `${status} ${reason}`
}

test('a range is protected and ready, and goes ten seconds after it was deleted', async () => {
  const harness = start()
  harness.client.seed(serviceCidrs, range('a', '10.1.0.0/24'))
  await harness.settle()
  assert.equal(ready(harness, 'a'), 'True ')
  assert.deepEqual(the(harness, 'a')!.metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer'])
  assert.equal(harness.client.writes().length, 2)
  await harness.client.delete(serviceCidrs, { name: 'a' })
  await harness.advance(9000)
  assert.ok(the(harness, 'a'))
  await harness.advance(2000)
  assert.equal(the(harness, 'a'), undefined)
  await harness.stop()
})

test('a range with a service in it stays until that goes, or another range has its address', async () => {
  for (const release of ['address', 'range'] as const) {
    const harness = start()
    harness.client.seed(serviceCidrs, range('a', '10.1.0.0/24'), range('elsewhere', '10.9.0.0/24'))
    harness.client.seed(ipAddresses, address('10.1.0.7'))
    await harness.settle()
    await harness.client.delete(serviceCidrs, { name: 'a' })
    await harness.advance(60_000)
    assert.equal(ready(harness, 'a'), 'False Terminating')
    if (release === 'address') await harness.client.delete(ipAddresses, { name: '10.1.0.7' })
    else await harness.client.create(serviceCidrs, range('wide', '10.1.0.0/16'))
    await harness.advance(15_000)
    assert.equal(the(harness, 'a'), undefined)
    await harness.stop()
  }
})
