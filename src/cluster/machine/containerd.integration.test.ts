import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import { silentLogger } from '../../machinery/log.ts'
import { inOwnNamespaces } from '../../testing/own-namespaces.ts'
import { findContainerd, onPath, startContainerd } from './containerd.ts'
import { createHostLedger } from './host-ledger.ts'
import { createMachineHost } from './machine-host.ts'

if (inOwnNamespaces(import.meta.filename)) {
  const kit = join(process.env.KIT_DIR ?? join(homedir(), '.cache/k8s-conformance-kit'), 'bin/containerd')
  for (const binary of [onPath('containerd'), kit].filter((path) => path !== undefined && existsSync(path))) {
    test(`a machine runs ${binary}, which answers, is adopted, and ends with it`, async () => {
      const top = mkdtempSync(join(tmpdir(), 'skiff-containerd-'))
      const host = createMachineHost({
        network: { bridge: `skc${process.pid % 100000}`, subnets: ['10.89.8.0/24'], mtu: 1400 },
        run: runCommand,
        clock: systemClock,
        log: silentLogger,
        ledger: createHostLedger({ folder: join(top, 'ledger') }),
        owner: top,
      })
      const spec = { name: 'node1', folder: join(top, 'node1'), addresses: ['10.89.8.11'] }
      try {
        await host.open()
        const machine = await host.create(spec)
        const options = {
          binary,
          sandboxImage: 'registry.k8s.io/pause:3.10.2',
          mirrors: { 'registry.k8s.io': 'http://10.89.8.1:5000' },
        }
        const daemon = await startContainerd(machine, runCommand, systemClock, options)
        const ctr = join(dirname(binary ?? ''), 'ctr')
        const { stdout } = await machine.run(ctr, ['plugins', 'list'])
        assert.match(stdout, /cri\S*\s.*\bok\b/)
        assert.doesNotMatch(stdout, /\berror\b/)
        assert.equal((await startContainerd(machine, runCommand, systemClock, options)).adopted, true)
        await host.destroy(spec, { data: true })
        assert.ok(!daemon.isRunning())
      } finally {
        await host.destroy(spec, { data: true })
        await host.close()
        rmSync(top, { recursive: true, force: true })
      }
    })
  }

  test('a containerd that cannot start is explained', async () => {
    await assert.rejects(findContainerd(runCommand, 'containerd-that-is-not-there'), /is not installed/)
    await assert.rejects(findContainerd(runCommand, '/bin/true'), /too old or unknown/)
  })
}
