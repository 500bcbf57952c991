import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandError, type RunCommand } from '../../machinery/command.ts'
import { missingCapabilities } from '../machine/capabilities.ts'
import { cgroupProblem, hostProblem, kernelProblem } from './kernel.ts'

test('a root without its powers is told what it lacks', () => {
  const wanted = ['CAP_NET_ADMIN', 'CAP_SYS_CHROOT', 'CAP_SYS_ADMIN'] as const
  assert.deepEqual(missingCapabilities(wanted, 'CapEff:\t000001ffffffffff\n'), [])
  // Docker's default set.
  const lacking = missingCapabilities(wanted, 'CapInh:\t0\nCapEff:\t00000000a80425fb\n')
  assert.deepEqual(lacking, ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN'])
  assert.equal(hostProblem([]), undefined)
  assert.equal(hostProblem(lacking)?.why, 'this root lacks CAP_NET_ADMIN, CAP_SYS_ADMIN')
})

test('control groups that are not there, not enabled or not writable are told with what to do', () => {
  const layout = { version: 2, roots: ['/sys/fs/cgroup'] } as const
  const all = ['cpu', 'io', 'memory', 'pids']
  assert.equal(
    cgroupProblem(layout, all, () => true),
    undefined,
  )
  assert.match(cgroupProblem({ version: 2, roots: [] }, [], () => true) ?? '', /^no control groups are mounted: mount/)
  assert.match(
    cgroupProblem(layout, ['cpu', 'pids'], () => true) ?? '',
    /^the kernel offers no control group for memory: enable it .*cgroup_enable=memory\)$/,
  )
  assert.match(
    cgroupProblem(layout, all, () => false) ?? '',
    /^control groups in \/sys\/fs\/cgroup cannot be written: run/,
  )
})

const without =
  (broken: string): RunCommand =>
  async (command, args) => {
    if ([command, ...args].join(' ').includes(broken)) throw new CommandError('Operation not supported', { code: 1 })
    return { stdout: '', stderr: '' }
  }

test('each missing feature of the kernel has its sentence, and a whole kernel none', async () => {
  const well = () => undefined
  assert.equal(await kernelProblem(without('nothing'), well), undefined)
  assert.equal(await kernelProblem(without('nothing'), () => 'no control groups'), 'no control groups')
  const cases = [
    ['--pid', /^the kernel makes no namespaces here: run .*; without containers: skiff up --runtime simulated$/],
    ['nft', /^the kernel has no nf_tables: load it \(modprobe nf_tables\), or .*simulated$/],
    ['bridge', /^the kernel has no bridges: load them \(modprobe bridge\), or .*simulated$/],
    ['veth', /^the kernel has no veth links: load them \(modprobe veth\), or .*simulated$/],
  ] as const
  for (const [broken, sentence] of cases) assert.match((await kernelProblem(without(broken), well)) ?? '', sentence)
})
