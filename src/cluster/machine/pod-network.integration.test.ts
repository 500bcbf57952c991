import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { nodes } from '../../api/core/v1/node.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { createDnsServer } from '../../dns/dns-server.ts'
import { busyboxImage } from '../../kubelet/images/archive/busybox.ts'
import { dockerArchive, hostArchitecture } from '../../kubelet/images/archive/docker-archive.ts'
import { pauseImage } from '../../kubelet/images/archive/pause.ts'
import { createCriRuntime } from '../../kubelet/runtimes/cri/runtime.ts'
import type { Runtime } from '../../kubelet/runtimes/runtime.ts'
import type { NamespaceOptions, PodSandboxConfig, PortMapping } from '../../kubelet/runtimes/types.ts'
import { pause, systemClock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import { createLogger } from '../../machinery/log.ts'
import { createNodeNetwork } from '../../network/node-network.ts'
import { createProxier } from '../../proxy/proxier.ts'
import { labHost } from '../../testing/network-lab.ts'
import { inOwnNamespaces } from '../../testing/own-namespaces.ts'
import { importImages } from '../images.ts'
import { containerdSocket, startContainerd } from './containerd.ts'
import { createHostLedger } from './host-ledger.ts'
import type { Machine } from './machine.ts'
import { createMachineHost } from './machine-host.ts'

const pauseName = 'skiff.local/pause:1'
const busyboxName = 'skiff.local/busybox:1'

if (inOwnNamespaces(import.meta.filename)) {
  const log = createLogger({ level: 'warn', write: (line) => void process.stderr.write(line), now: () => Date.now() })
  const network = { bridge: `skp${process.pid % 100000}`, subnets: ['10.89.9.0/24'], mtu: 1400 }
  const podCidrs = ['10.244.0.0/16']
  const serviceCidrs = ['10.96.0.0/16']
  const namespaces: NamespaceOptions = { network: 'pod', pid: 'container', ipc: 'pod' }

  interface Pod {
    readonly ip: string
    sh(script: string): Promise<string>
  }

  async function runPod(
    runtime: Runtime,
    machine: Machine,
    name: string,
    ports: readonly PortMapping[] = [],
  ): Promise<Pod> {
    const sandbox: PodSandboxConfig = {
      metadata: { name, namespace: 'default', uid: name, attempt: 0 },
      hostname: name,
      logDirectory: `/var/log/pods/${name}`,
      dns: { servers: ['10.96.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
      portMappings: ports,
      labels: {},
      annotations: {},
      cgroupParent: `${machine.cgroupRoot}/${name}`,
      securityContext: { namespaces },
      sysctls: {},
    }
    const id = await runtime.runPodSandbox(sandbox, '')
    const container = await runtime.createContainer(
      id,
      {
        metadata: { name: 'main', attempt: 0 },
        image: { image: busyboxName },
        command: ['sh', '-c', `mkdir /www; echo ${name} >/www/index.html; exec httpd -f -p 8080 -h /www`],
        args: [],
        workingDir: '',
        env: [],
        mounts: [],
        devices: [],
        labels: {},
        annotations: {},
        logPath: 'main.log',
        stdin: false,
        stdinOnce: false,
        tty: false,
        securityContext: { namespaces },
      },
      sandbox,
    )
    await runtime.startContainer(container)
    return {
      ip: (await runtime.podSandboxStatus(id)).ips[0] ?? '',
      async sh(script) {
        const { stdout, stderr, exitCode } = await runtime.execSync(container, ['sh', '-c', script], 20)
        const text = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('utf8')
        return exitCode === 0 ? text(stdout).trim() : `failed: ${text(stderr)}${text(stdout)}`
      },
    }
  }

  test('pods of two nodes reach each other, services, names and the host; ports of the host lead to them', async (t) => {
    const top = mkdtempSync(join(tmpdir(), 'skiff-pods-'))
    t.after(() => rmSync(top, { recursive: true, force: true }))
    const ledger = createHostLedger({ folder: join(top, 'ledger') })
    const host = createMachineHost({ network, run: runCommand, clock: systemClock, log, ledger, owner: top })
    const specs = [1, 2].map((n) => ({ name: `node${n}`, folder: join(top, `node${n}`), addresses: [`10.89.9.1${n}`] }))
    const client = fakeClient()
    client.seed(
      nodes,
      ...[1, 2].map((n) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `node${n}` },
        spec: { podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`] },
        status: { addresses: [{ type: 'InternalIP', address: `10.89.9.1${n}` }] },
      })),
    )
    const informers = createInformerFactory({ client, clock: systemClock, log })
    const common = { informers, clock: systemClock, log, podCidrs, serviceCidrs }
    const runtimes: Runtime[] = []
    const components: { stop(): Promise<void> }[] = []
    const outside = await labHost('host')
    try {
      await host.open()
      const machines = await Promise.all(specs.map((spec) => host.create(spec)))
      await Promise.all(
        machines.map(async (machine, i) => {
          await startContainerd(machine, runCommand, systemClock, { sandboxImage: pauseName })
          const architecture = hostArchitecture()
          const images = [pauseImage(pauseName, architecture), busyboxImage(busyboxName)].filter(
            (image) => image !== undefined,
          )
          await importImages(machine, Readable.from([dockerArchive(images, architecture)]))
          runtimes[i] = createCriRuntime({ socketPath: machine.path(containerdSocket) })
          const { name } = machine
          const cniFolder = machine.path('/etc/cni/net.d')
          const clusterCidrs = [...podCidrs, ...serviceCidrs, ...network.subnets]
          const wiring = createNodeNetwork({
            ...common,
            nodeName: name,
            link: 'eth0',
            clusterCidrs,
            mtu: 1400,
            cniFolder,
            run: machine.run,
          })
          const nodeIps = [...machine.addresses]
          const proxier = createProxier({
            ...common,
            mode: 'node',
            nodeName: name,
            nodeIps,
            healthPort: 0,
            run: machine.run,
          })
          components.push(wiring, proxier)
          await Promise.all([wiring.start(), proxier.start()])
          for (let attempt = 0; attempt < 200; attempt++) {
            const { conditions } = await runtimes[i].status()
            if (conditions.every(({ status }) => status)) return
            await pause(systemClock, 25)
          }
          assert.fail('the runtime does not find the network')
        }),
      )
      const hostWiring = createNodeNetwork({
        ...common,
        link: network.bridge,
        clusterCidrs: [],
        onLinkCidrs: serviceCidrs,
        mtu: 1400,
        run: runCommand,
      })
      const hostProxier = createProxier({
        ...common,
        mode: 'host',
        nodeIps: [],
        localhostLink: network.bridge,
        table: 'skiff-host',
        run: runCommand,
      })
      const dns = createDnsServer({
        informers,
        clusterDomain: 'cluster.local',
        listen: [{ address: '10.89.9.1', port: 5353 }],
        forward: [],
        clock: systemClock,
        log,
      })
      components.push(hostWiring, hostProxier, dns)
      for (const component of [hostWiring, hostProxier, dns]) await component.start()

      const [one, two] = await Promise.all([
        runPod(runtimes[0]!, machines[0]!, 'one', [
          { protocol: 'TCP', containerPort: 8080, hostPort: 8888, hostIp: '' },
        ]),
        runPod(runtimes[1]!, machines[1]!, 'two'),
      ])
      assert.deepEqual([one.ip, two.ip], ['10.244.1.2', '10.244.2.2'])
      const service = (namespace: string, name: string, clusterIP: string, ports: object[]) =>
        client.create(services, {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { namespace, name },
          spec: { type: 'NodePort', clusterIP, clusterIPs: [clusterIP], ports },
          status: {},
        } as never)
      const slice = (namespace: string, name: string, addresses: string[], ports: object[]) =>
        client.create(endpointSlices, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { namespace, name, labels: { 'kubernetes.io/service-name': name } },
          addressType: 'IPv4',
          endpoints: addresses.map((address, i) => ({ addresses: [address], nodeName: `node${i + 1}` })),
          ports,
        } as never)
      await service('default', 'web', '10.96.0.80', [{ name: '', protocol: 'TCP', port: 80, nodePort: 30080 }])
      await slice('default', 'web', [one.ip, two.ip], [{ name: '', protocol: 'TCP', port: 8080 }])
      await service('default', 'self', '10.96.0.81', [{ name: '', protocol: 'TCP', port: 80 }])
      await slice('default', 'self', [one.ip], [{ name: '', protocol: 'TCP', port: 8080 }])
      await service('kube-system', 'kube-dns', '10.96.0.10', [{ name: 'dns', protocol: 'UDP', port: 53 }])
      await slice('kube-system', 'kube-dns', ['10.89.9.1'], [{ name: 'dns', protocol: 'UDP', port: 5353 }])
      await pause(systemClock, 400)

      // Debian's static busybox dies of names and of wget, which load libraries; nc and nslookup do not.
      const get = (address: string, port: number) =>
        `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} ${port} | tail -n 1`
      assert.equal(await one.sh(get(two.ip, 8080)), 'two')
      assert.equal(await two.sh(get(one.ip, 8080)), 'one')
      assert.equal(await one.sh(get('10.96.0.81', 80)), 'one', 'a pod reaches itself through its service')
      const answers = await one.sh(`for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ${get('10.96.0.80', 80)}; done`)
      assert.deepEqual([...new Set(answers.split('\n'))].sort(), ['one', 'two'])
      assert.match(await two.sh('nslookup web.default.svc.cluster.local'), /Address.*10\.96\.0\.80/)
      for (const url of [
        `http://${one.ip}:8080`,
        `http://${two.ip}:8080`,
        'http://10.96.0.80',
        'http://127.0.0.1:30080',
        'http://10.89.9.12:30080',
        'http://10.89.9.11:8888',
      ]) {
        const text = await (await fetch(url, { signal: AbortSignal.timeout(3000) })).text()
        assert.match(text, /^(one|two)\n$/, url)
      }
      // Within the cluster a pod keeps its address, and to the host as well.
      await outside.listen('tcp', 7777)
      assert.equal(await one.sh('nc -w 3 10.89.9.1 7777 </dev/null'), `host ${one.ip}`)
    } finally {
      await outside.close()
      for (const component of components) await component.stop()
      await informers.stop()
      for (const runtime of runtimes) await runtime.close()
      for (const spec of specs) await host.destroy(spec, { data: true })
      await host.close()
    }
    assert.deepEqual(readdirSync(top), [])
    assert.doesNotMatch(readFileSync('/proc/net/dev', 'utf8'), /skp/)
  })
}
