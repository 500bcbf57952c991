import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLink, hostMtu } from './default-route.ts'

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const row = (link: string, target: string, metric: number, mask = '00000000') =>
  `${link}\t${target}\t0100000A\t0003\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`
const routes =
  head + row('eth0', '0000590A', 0, '00FFFFFF') + row('wlan0', '00000000', 600) + row('wg0', '00000000', 50)

test('the default route with the least metric is the way out', () => {
  assert.equal(defaultLink(routes), 'wg0')
  assert.equal(defaultLink(head + row('eth0', '0000590A', 0, '00FFFFFF')), undefined)
})

test('packets are as large as the way out takes; Ethernet’s size where there is none', () => {
  const files: Record<string, string> = { '/proc/net/route': routes, '/sys/class/net/wg0/mtu': '1420\n' }
  const read = (path: string) => files[path] ?? assert.fail(path)
  assert.equal(hostMtu(read), 1420)
  assert.equal(
    hostMtu((path) => (path === '/proc/net/route' ? head : read(path))),
    1500,
  )
  assert.equal(
    hostMtu(() => {
      throw new Error('ENOENT')
    }),
    1500,
  )
})
