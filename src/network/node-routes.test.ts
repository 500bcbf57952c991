import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../machinery/json.ts'
import { parseRoutes, routeBatch, routesTo } from './node-routes.ts'

const node = (name: string, address: string, ...podCIDRs: string[]) =>
  deepFreeze({
    metadata: { name },
    spec: { podCIDR: podCIDRs[0], podCIDRs },
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address },
        { type: 'InternalIP', address: `fd89::${name.slice(4)}` },
      ],
    },
  })

test('each pod range is reached through the address of its family of its node', () => {
  const nodes = [
    node('node2', '10.89.0.12', '10.244.2.0/24', 'fd44:2::/64'),
    node('node1', '10.89.0.11', '10.244.1.0/24'),
    deepFreeze({ metadata: { name: 'new' }, spec: {}, status: {} }),
  ]
  assert.deepEqual(routesTo(nodes, 'node1'), [
    { cidr: '10.244.2.0/24', via: '10.89.0.12' },
    { cidr: 'fd44:2::/64', via: 'fd89::2' },
  ])
  assert.equal(routesTo(nodes, '').length, 3)
  assert.deepEqual(routesTo([{ metadata: { name: 'x' }, spec: { podCIDR: '10.244.9.0/24' }, status: {} }], ''), [])
})

test('only what differs is changed, and stale routes go first', () => {
  const present = parseRoutes(
    '[{"dst":"10.244.1.0/24","gateway":"10.89.0.11","protocol":"83"},{"dst":"10.244.3.0/24","gateway":"10.89.0.13"},{"dst":"10.244.4.4","gateway":"10.89.0.14"}]',
  )
  assert.equal(
    routeBatch(
      present,
      [
        { cidr: '10.244.1.0/24', via: '10.89.0.21' },
        { cidr: '10.244.2.0/24', via: '10.89.0.12' },
        { cidr: '10.244.4.4/32', via: '10.89.0.14' },
      ],
      'eth0',
    ),
    'route delete 10.244.3.0/24 via 10.89.0.13 dev eth0 proto 83\n' +
      'route replace 10.244.1.0/24 via 10.89.0.21 dev eth0 proto 83\n' +
      'route replace 10.244.2.0/24 via 10.89.0.12 dev eth0 proto 83\n',
  )
  assert.equal(routeBatch(present, present, 'eth0'), '')
  assert.deepEqual(parseRoutes(''), [])
})
