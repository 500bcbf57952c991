import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import { createLogger } from '../../machinery/log.ts'
import { identify, isRunning, processIds } from '../../machinery/process-identity.ts'
import { inOwnNamespaces } from '../../testing/own-namespaces.ts'
import { readCgroupLayout } from './cgroups.ts'
import { createHostLedger } from './host-ledger.ts'
import { createMachineHost, type MachineHost, parseNetDevices } from './machine-host.ts'
import { privateFolders } from './machine-script.ts'

if (inOwnNamespaces(import.meta.filename)) {
  let top: string
  let host: MachineHost
  const spec = (n: number) => ({ name: `node${n}`, folder: join(top, `node${n}`), addresses: [`10.89.7.1${n}`] })
  const log = createLogger({ level: 'warn', write: (line) => void process.stderr.write(line), now: () => Date.now() })
  const missing = privateFolders.filter((path) => !existsSync(path))

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'skiff-machines-'))
    host = createMachineHost({
      network: { bridge: `skt${process.pid % 100000}`, subnets: ['10.89.7.0/24', 'fd89:7::/64'], mtu: 1400 },
      run: runCommand,
      clock: systemClock,
      log,
      ledger: createHostLedger({ folder: join(top, 'ledger') }),
      owner: top,
    })
  })
  after(async () => {
    for (const n of [1, 2]) await host.destroy(spec(n), { data: true })
    await host.close()
    rmSync(top, { recursive: true, force: true })
  })

  const ours = () =>
    processIds().filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(top)
      } catch {
        return false
      }
    })

  test('two machines reach each other and the host, are adopted, and leave nothing', async () => {
    const forward = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')
    // As on a host with Docker.
    await runCommand('iptables', ['-P', 'FORWARD', 'DROP'])
    await host.open()
    await host.open()
    const one = await host.create(spec(1))
    const two = await host.create({ ...spec(2), addresses: ['10.89.7.12', 'fd89:7::12'] })

    for (const [machine, target] of [
      [one, '10.89.7.12'],
      [two, '10.89.7.11'],
      [two, 'fd89:7::1'],
    ] as const) {
      await assertReaches(machine.run, target)
    }
    assert.equal((await two.run('hostname', [])).stdout, 'node2\n')
    assert.equal((await one.run('cat', ['/proc/1/comm'])).stdout, 'sh\n')
    await one.run('sh', ['-c', 'echo mine >/run/whose; echo kept >/var/lib/kubelet/kept'])
    assert.equal(readFileSync(one.path('/run/whose'), 'utf8'), 'mine\n')
    await assert.rejects(two.run('cat', ['/run/whose']), /No such file/)
    for (const root of readCgroupLayout().roots) assert.ok(existsSync(join(root, one.cgroupRoot)), root)

    // Orphans are reaped by the first process.
    await one.run('sh', ['-c', '(sleep 0.05 &) ; exit 0'])
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.doesNotMatch((await one.run('sh', ['-c', 'cat /proc/[0-9]*/stat'])).stdout, / Z /)

    const daemon = await one.startDaemon({ name: 'sleeper', command: 'sleep', args: ['1000'] })
    assert.equal(daemon.adopted, false)
    const again = await host.create(spec(1))
    assert.deepEqual(again.first, one.first)
    const adopted = await again.startDaemon({ name: 'sleeper', command: 'sleep', args: ['1000'] })
    assert.deepEqual([adopted.adopted, adopted.process], [true, daemon.process])
    await adopted.stop()
    assert.ok(!daemon.isRunning())
    const last = await one.startDaemon({ name: 'sleeper', command: 'sleep', args: ['1000'] })

    await host.destroy(spec(1), { data: false })
    assert.ok(!last.isRunning() && !one.isRunning())
    assert.equal(readFileSync(join(spec(1).folder, 'root/var/lib/kubelet/kept'), 'utf8'), 'kept\n')
    await host.destroy(spec(1), { data: true })
    await host.destroy(spec(2), { data: true })
    await host.close()
    assert.deepEqual(parseNetDevices(readFileSync('/proc/net/dev', 'utf8')), ['lo'])
    assert.equal((await runCommand('iptables', ['-S', 'FORWARD'])).stdout, '-P FORWARD DROP\n')
    assert.doesNotMatch((await runCommand('nft', ['list', 'ruleset'])).stdout, /skt/)
    assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'), forward)
    for (const root of readCgroupLayout().roots) assert.ok(!existsSync(join(root, one.cgroupRoot)), root)
    assert.deepEqual(readdirSync(top), [])
    assert.deepEqual(ours(), [])
    assert.deepEqual(
      privateFolders.filter((path) => !existsSync(path)),
      missing,
    )
  })

  test('a half-made machine is cleaned up, and one that lost its pid file too', async () => {
    await host.open()
    const one = await host.create(spec(1))
    rmSync(join(spec(1).folder, 'machine.json'))
    assert.equal(host.find(spec(1).folder), undefined)
    const again = await host.create(spec(1))
    assert.ok(!isRunning(one.first) && again.isRunning())
    // A recycled pid: the record names a process that is alive, but is not the machine's.
    const self = identify(process.pid)
    assert.ok(self !== undefined)
    writeFileSync(
      join(spec(1).folder, 'machine.json'),
      JSON.stringify({
        id: again.id,
        name: 'node1',
        addresses: [],
        holder: { ...self, startTicks: 1 },
        first: { ...self, startTicks: 1 },
      }),
    )
    await host.destroy(spec(1), { data: true })
    assert.ok(!again.isRunning())
    await assert.rejects(
      host.create({ ...spec(2), addresses: ['10.89.7.999'] }),
      /ip -batch - failed with code 1.*10\.89\.7\.999/s,
    )
    assert.deepEqual(ours(), [])
    await host.destroy(spec(2), { data: true })
    await host.close()
    assert.deepEqual(readdirSync(top), [])
  })

  const assertReaches = async (run: typeof runCommand, target: string) => {
    const program = `
      const socket = require('node:net').connect(9, '${target}')
      socket.on('error', (error) => process.exit(error.code === 'ECONNREFUSED' ? 0 : 3))
      setTimeout(() => process.exit(4), 2000)`
    await run(process.execPath, ['-e', program], { timeoutMs: 10_000 })
  }
}
