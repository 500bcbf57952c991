import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { parseResolvConf, podDns } from './dns.ts'
import { kernelHostname, podHostname } from './hostname.ts'
import { managedHostsFile, nodeHostsFile } from './hosts-file.ts'
import { sandboxConfig } from './sandbox-config.ts'

const pod = (spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { containers: [{ name: 'main', resources: {} }], ...spec },
  status: {},
})
const cluster = {
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  resolvConf: 'nameserver 9.9.9.9\nsearch corp.example.\noptions timeout:1\n',
}

test('the last search line of a resolv.conf counts, options by name', () => {
  const text =
    '# comment\nnameserver 1.1.1.1\nnameserver 2.2.2.2\nsearch a b.\nsearch c. .\noptions ndots:2 rotate\noptions ndots:3\n'
  assert.deepEqual(parseResolvConf(text), {
    servers: ['1.1.1.1', '2.2.2.2'],
    searches: ['c'],
    options: ['ndots:3', 'rotate'],
  })
})

test('pods ask the cluster first, unless they use the host or say otherwise', () => {
  const own = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example']
  assert.deepEqual(podDns(pod(), cluster).config, { servers: ['10.96.0.10'], searches: own, options: ['ndots:5'] })
  const node = { servers: ['9.9.9.9'], searches: ['corp.example'], options: ['timeout:1'] }
  assert.deepEqual(podDns(pod({ dnsPolicy: 'Default' }), cluster).config, node)
  assert.deepEqual(podDns(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirst' }), cluster).config, node)
  assert.deepEqual(
    podDns(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), cluster).config.searches,
    own,
  )
})

test('what a pod adds comes after, and options are replaced by name', () => {
  const dnsConfig = {
    nameservers: ['1.2.3.4'],
    searches: ['x.y'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  }
  assert.deepEqual(podDns(pod({ dnsPolicy: 'None', dnsConfig }), cluster).config, {
    servers: ['1.2.3.4'],
    searches: ['x.y'],
    options: ['ndots:2', 'edns0'],
  })
  assert.deepEqual(podDns(pod({ dnsConfig }), cluster).config.options, ['ndots:2', 'edns0'])
})

test('more than three servers are cut, with a warning', () => {
  const dnsConfig = { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'] }
  const { config, warnings } = podDns(pod({ dnsConfig }), cluster)
  assert.equal(config.servers.length, 3)
  assert.deepEqual(warnings, [
    {
      reason: 'DNSConfigForming',
      message:
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2',
    },
  ])
})

test('hostnames are cut to what the kernel takes, and full names refused when too long', () => {
  const long = `${'a'.repeat(62)}-b`
  assert.equal(podHostname({ ...pod(), metadata: { name: long, namespace: 'shop' } }, 'c').hostname, 'a'.repeat(62))
  assert.deepEqual(podHostname(pod({ hostname: 'h', subdomain: 's' }), 'cluster.local'), {
    hostname: 'h',
    domain: 's.shop.svc.cluster.local',
  })
  assert.equal(kernelHostname(pod({ hostname: 'h', subdomain: 's', setHostnameAsFQDN: true }), 'c'), 'h.s.shop.svc.c')
  assert.equal(kernelHostname(pod({ hostNetwork: true }), 'c'), '')
  assert.deepEqual(podHostname(pod({ hostnameOverride: 'a.b', subdomain: 's' }), 'c'), { hostname: 'a.b', domain: '' })
  assert.throws(
    () =>
      kernelHostname(
        pod({ hostname: 'h'.repeat(40), subdomain: 's'.repeat(10), setHostnameAsFQDN: true }),
        'cluster.local',
      ),
    /is too long \(64 characters is the max, 74 characters requested\)/,
  )
})

test('the hosts file is upstream’s, byte for byte', () => {
  const head =
    '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'
  const file = { ips: ['10.0.0.1', 'fd00::1'], hostname: 'h', domain: '', aliases: [] }
  assert.equal(managedHostsFile(file), `${head}10.0.0.1\th\nfd00::1\th\n`)
  assert.equal(managedHostsFile({ ...file, ips: ['10.0.0.1'], domain: 'd' }), `${head}10.0.0.1\th.d\th\n`)
  assert.equal(
    nodeHostsFile('1.1.1.1 x\n', [{ ip: '2.2.2.2', hostnames: ['y', 'z'] }]),
    '# Kubernetes-managed hosts file (host network).\n1.1.1.1 x\n\n# Entries added by HostAliases.\n2.2.2.2\ty\tz\n',
  )
})

test('a sandbox is told ports once each, groups, namespaces and whether anything in it is privileged', () => {
  const ports = [
    { containerPort: 80, hostPort: 8080, protocol: 'TCP' as const },
    { containerPort: 80, hostPort: 8080, protocol: 'TCP' as const },
    { containerPort: 53, protocol: 'UDP' as const, hostIP: '1.2.3.4', hostPort: 53 },
  ]
  const config = sandboxConfig({
    pod: pod({
      containers: [{ name: 'main', resources: {}, ports, securityContext: { privileged: true } }],
      shareProcessNamespace: true,
      hostIPC: true,
      securityContext: { fsGroup: 5, supplementalGroups: [6], sysctls: [{ name: 'net/ipv4/x', value: '1' }] },
    }),
    attempt: 2,
    dns: { servers: [], searches: [], options: [] },
    clusterDomain: 'c',
    logDirectory: '/logs',
    cgroupParent: '/kubepods/podu1',
  })
  assert.deepEqual(
    config.portMappings.map(({ hostIp, hostPort }) => `${hostIp}:${hostPort}`),
    [':8080', '1.2.3.4:53'],
  )
  assert.deepEqual(config.securityContext.supplementalGroups, [5, 6])
  assert.equal(config.securityContext.privileged, true)
  assert.deepEqual([config.securityContext.namespaces.pid, config.securityContext.namespaces.ipc], ['pod', 'node'])
  assert.deepEqual(config.sysctls, { 'net.ipv4.x': '1' })
  assert.equal(config.labels['io.kubernetes.pod.uid'], 'u1')
})
