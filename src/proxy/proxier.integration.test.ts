import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { after, before, test } from 'node:test'
import { nodes } from '../api/core/v1/node.ts'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { runCommand } from '../machinery/command.ts'
import { createLogger } from '../machinery/log.ts'
import { type Answer, type LabHost, labHost, makePod } from '../testing/network-lab.ts'
import { inOwnNamespaces } from '../testing/own-namespaces.ts'
import { createProxier, type Proxier } from './proxier.ts'

/** Node "a" is this namespace; its pods a1 and a2; b1 stands for a pod of another node, out for the world outside. */
const pods = { a1: '10.244.1.1', a2: '10.244.1.2', b1: '10.244.2.1', out: '192.0.2.9' } as const
type Place = keyof typeof pods | 'node'

if (inOwnNamespaces(import.meta.filename)) {
  const log = createLogger({ level: 'warn', write: (line) => void process.stderr.write(line), now: () => Date.now() })
  const client = fakeClient()
  const informers = createInformerFactory({ client, clock: systemClock, log })
  const hosts = {} as Record<Place, LabHost>
  let proxier: Proxier
  const options = {
    informers,
    mode: 'node',
    nodeName: 'a',
    nodeIps: ['10.89.0.11'],
    podCidrs: ['10.244.0.0/16', 'fd44::/48'],
    serviceCidrs: ['10.96.0.0/16', 'fd96::/112'],
    run: runCommand,
    clock: systemClock,
    log,
  } as const

  before(async () => {
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
    writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1')
    // As in a machine: redirects would use up the allowance for refusals.
    for (const links of ['all', 'default']) writeFileSync(`/proc/sys/net/ipv4/conf/${links}/send_redirects`, '0')
    await runCommand('ip', ['-batch', '-'], {
      input: [
        'link add uplink type veth peer name other',
        'address add 10.89.0.11/24 dev uplink',
        'address add fd89::11/64 dev uplink nodad',
        'link set other up',
        'link set uplink up',
        'route add 0.0.0.0/0 via 10.89.0.1',
        'route add ::/0 via fd89::1',
        '',
      ].join('\n'),
    })
    for (const [name, address] of Object.entries(pods)) {
      const six = name === 'a1' ? ['fd44:1::1'] : []
      await makePod(name, [address, ...six], ['10.244.1.254', ...(six.length > 0 ? ['fd44:1::fe'] : [])])
    }
    await Promise.all([
      ...Object.keys(pods).map(async (name) => {
        hosts[name as Place] = await labHost(name, name)
      }),
      labHost('node').then((host) => {
        hosts.node = host
      }),
    ])
    for (const name of ['a1', 'a2', 'b1'] as const) {
      for (const protocol of ['tcp', 'udp'] as const) await hosts[name].listen(protocol, 8080)
    }
    client.seed(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } })
    proxier = createProxier({ ...options, healthPort: 10256 })
    await proxier.start()
  })
  after(async () => {
    await proxier.stop()
    await Promise.all(Object.values(hosts).map((host) => host.close()))
    await informers.stop()
  })

  let made = 0
  /** A service with the endpoints that run at these places; its cluster IP is the next one. */
  async function service(at: readonly Place[], spec: object = {}, more: { conditions?: object; status?: object } = {}) {
    const name = `s${++made}`
    const ip = `10.96.1.${made}`
    await client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', name },
      spec: {
        clusterIP: ip,
        clusterIPs: [ip],
        ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 8080 }],
        ...spec,
      },
      status: more.status ?? {},
    } as never)
    await slice(name, at, spec, more.conditions)
    await settled()
    return { name, ip }
  }
  async function slice(name: string, at: readonly Place[], spec: object = {}, conditions: object = {}) {
    const ports = (spec as { ports?: { name?: string; protocol?: string }[] }).ports ?? [{ name: '', protocol: 'TCP' }]
    const object = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: at.map((place) => ({
        addresses: [pods[place as keyof typeof pods]],
        nodeName: place === 'b1' ? 'b' : 'a',
        conditions: { ready: true, serving: true, terminating: false, ...conditions },
      })),
      ports: ports.map(({ name: port = '', protocol }) => ({ name: port, protocol, port: 8080 })),
    }
    await client.delete(endpointSlices, { namespace: 'default', name }).catch(() => undefined)
    await client.create(endpointSlices, object as never)
  }
  async function settled() {
    await sleep(systemClock, 20, undefined, { keepsAlive: true })
    await proxier.settled()
  }
  const textOf = (answer: Answer) => ('text' in answer ? answer.text : answer.failed)
  const ask = async (from: Place, address: string, port = 80, protocol: 'tcp' | 'udp' = 'tcp') =>
    textOf(await hosts[from].ask(protocol, address, port))
  const servers = async (from: Place, address: string, port = 80) => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(from, address, port)))
    return [...new Set(answers.map((answer) => answer.split(' ')[0] ?? ''))].toSorted((a, b) => a.localeCompare(b))
  }

  test('pods and the node reach a cluster IP, which spreads over all endpoints and keeps pods their address', async () => {
    const { ip } = await service(['a2', 'b1'])
    assert.deepEqual(await servers('a1', ip), ['a2', 'b1'])
    assert.deepEqual(await servers('node', ip), ['a2', 'b1'])
    assert.match(await ask('a1', ip), / 10\.244\.1\.1$/)
  })

  test('a pod reaches itself through its service', async () => {
    const { ip } = await service(['a1'])
    assert.match(await ask('a1', ip), /^a1 /)
  })

  test('a service without endpoints refuses, an unknown port too, an unknown address is silent', async () => {
    const { ip } = await service([])
    for (const from of ['a1', 'node'] as const) {
      assert.equal(await ask(from, ip), 'refused', from)
      assert.equal(await ask(from, ip, 81), 'refused', from)
    }
    assert.equal(await ask('a1', '10.96.99.99'), 'timeout')
  })

  test('endpoints come and go', async () => {
    const { name, ip } = await service(['a2'])
    assert.match(await ask('a1', ip), /^a2/)
    await slice(name, ['b1'])
    await settled()
    assert.deepEqual(await servers('a1', ip), ['b1'])
    await client.delete(services, { namespace: 'default', name })
    await settled()
    assert.equal(await ask('a1', ip), 'timeout')
  })

  test('a node port is served on the node for everyone, with the node as source', async () => {
    const ports = [{ name: '', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }]
    await service(['b1'], { type: 'NodePort', ports })
    assert.match(await ask('out', '10.89.0.11', 30080), /^b1 10\.244\.1\.254$/)
    assert.match(await ask('a1', '10.89.0.11', 30080), /^b1/)
    assert.match(await ask('node', '10.89.0.11', 30080), /^b1/)
  })

  test('externalTrafficPolicy Local keeps the client address, drops without local endpoint, and binds no pod', async () => {
    const at = (nodePort: number) => [{ name: '', protocol: 'TCP', port: 80, targetPort: 8080, nodePort }]
    await service(['a2', 'b1'], { type: 'NodePort', externalTrafficPolicy: 'Local', ports: at(30081) })
    assert.deepEqual(await servers('out', '10.89.0.11', 30081), ['a2'])
    assert.match(await ask('out', '10.89.0.11', 30081), / 192\.0\.2\.9$/)
    await service(['b1'], { type: 'NodePort', externalTrafficPolicy: 'Local', ports: at(30082) })
    assert.equal(await ask('out', '10.89.0.11', 30082), 'timeout')
    assert.match(await ask('a1', '10.89.0.11', 30082), /^b1/)
    assert.match(await ask('node', '10.89.0.11', 30082), /^b1/)
  })

  test('internalTrafficPolicy Local uses the endpoints of this node only', async () => {
    const { ip } = await service(['a2', 'b1'], { internalTrafficPolicy: 'Local' })
    assert.deepEqual(await servers('a1', ip), ['a2'])
    const none = await service(['b1'], { internalTrafficPolicy: 'Local' })
    assert.equal(await ask('a1', none.ip), 'timeout')
  })

  test('a load balancer address is served here, to whom the source ranges allow', async () => {
    const status = { loadBalancer: { ingress: [{ ip: '10.89.0.200' }] } }
    await service(
      ['a2'],
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24', '192.0.2.9/32'] },
      { status },
    )
    assert.match(await ask('out', '10.89.0.200'), /^a2/)
    assert.equal(await ask('b1', '10.89.0.200'), 'timeout')
  })

  test('external IPs are ignored unless allowed', async () => {
    await service(['a2'], { externalIPs: ['198.51.100.7'] })
    assert.doesNotMatch(await ask('a1', '198.51.100.7'), /^a2/)
  })

  test('a client with session affinity stays with its endpoint', async () => {
    const { ip } = await service(['a1', 'a2', 'b1'], {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    })
    assert.equal((await servers('out', ip)).length, 1)
  })

  test('endpoints that terminate but serve are the last resort', async () => {
    const { ip } = await service(['a2'], {}, { conditions: { ready: false, serving: true, terminating: true } })
    assert.match(await ask('a1', ip), /^a2/)
    const gone = await service(['a2'], {}, { conditions: { ready: false, serving: false, terminating: true } })
    assert.equal(await ask('a1', gone.ip), 'refused')
  })

  test('a UDP flow moves on when its endpoint goes', async () => {
    const ports = [{ name: 'dns', protocol: 'UDP', port: 53, targetPort: 8080 }]
    const { name, ip } = await service(['a2'], { ports })
    const askAgain = async () => textOf(await hosts.a1.ask('udp', ip, 53, { sourcePort: 33333 }))
    assert.match(await askAgain(), /^a2/)
    await slice(name, ['b1'], { ports })
    await settled()
    assert.match(await askAgain(), /^b1/)
  })

  test('IPv6 services work beside IPv4 ones', async () => {
    await client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', name: 'six' },
      spec: { clusterIP: 'fd96::1', clusterIPs: ['fd96::1'], ports: [{ protocol: 'TCP', port: 80, targetPort: 8080 }] },
      status: {},
    } as never)
    await client.create(endpointSlices, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'default', name: 'six', labels: { 'kubernetes.io/service-name': 'six' } },
      addressType: 'IPv6',
      endpoints: [{ addresses: ['fd44:1::1'], nodeName: 'a', conditions: { ready: true } }],
      ports: [{ name: '', protocol: 'TCP', port: 8080 }],
    } as never)
    await settled()
    assert.match(await ask('node', 'fd96::1'), /^a1/)
    assert.match(await ask('a1', 'fd96::1'), /^a1/)
  })

  const fetch = (port: number, path = '/') =>
    new Promise<{ status: number; body: string; weight: unknown }>((resolve, reject) => {
      get({ port, path, host: '127.0.0.1' }, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body,
            weight: response.headers['x-load-balancing-endpoint-weight'],
          }),
        )
      }).on('error', reject)
    })

  test('idle connections are remembered as long as with kube-proxy', () => {
    const file = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait'
    assert.equal(readFileSync(file, 'utf8'), '3600\n')
  })

  test('the proxy tells its health, and that of services with a health check port', async () => {
    assert.equal((await fetch(10256, '/healthz')).status, 200)
    assert.equal(JSON.parse((await fetch(10256, '/livez')).body).healthy, true)
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31999 }
    const { name } = await service(['a1', 'a2', 'b1'], spec)
    const answer = await fetch(31999)
    assert.deepEqual([answer.status, answer.weight, JSON.parse(answer.body).localEndpoints], [200, '2', 2])
    await slice(name, ['b1'])
    await settled()
    assert.equal((await fetch(31999)).status, 503)
  })

  test('a new proxier takes over without a gap, keeps affinity, and drops what is stale', async () => {
    const { ip } = await service(['a1', 'a2', 'b1'], { sessionAffinity: 'ClientIP' })
    const before = await servers('out', ip)
    const gone = await service(['a2'])
    await proxier.stop()
    await client.delete(services, { namespace: 'default', name: gone.name })
    assert.match(await ask('a1', gone.ip), /^a2/)
    proxier = createProxier({ ...options, healthPort: 10256 })
    await proxier.start()
    assert.deepEqual(await servers('out', ip), before)
    assert.equal(await ask('a1', gone.ip), 'timeout')
    await sleep(systemClock, 1700, undefined, { keepsAlive: true })
    const { stdout } = await runCommand('nft', ['list', 'table', 'ip', 'skiff-proxy'])
    assert.ok(!stdout.includes(`default/${gone.name}/`), stdout)
    assert.ok(stdout.includes('default/s1/'))
  })

  test('on the host of the machines localhost serves node ports, and no endpoint is local', async () => {
    await proxier.stop()
    await proxier.remove()
    proxier = createProxier({
      ...options,
      mode: 'host',
      nodeName: undefined,
      localhostLink: 'l-b1',
      table: 'skiff0-proxy',
    })
    const ports = [{ name: '', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30090 }]
    await proxier.start()
    const { ip } = await service(['b1'], { type: 'NodePort', externalTrafficPolicy: 'Local', ports })
    assert.match(await ask('node', '127.0.0.1', 30090), /^b1 10\.244\.1\.254$/)
    assert.match(await ask('node', ip), /^b1/)
    assert.match(await ask('out', '10.89.0.11', 30090), /^b1/)
    assert.equal(proxier.healthPort, undefined)
  })

  test('removing it leaves no rule', async () => {
    await proxier.stop()
    await proxier.remove()
    assert.equal((await runCommand('nft', ['list', 'ruleset'])).stdout, '')
  })
}
