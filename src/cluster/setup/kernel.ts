import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunCommand } from '../../machinery/command.ts'
import { missingCapabilities } from '../machine/capabilities.ts'
import { type CgroupLayout, readCgroupLayout } from '../machine/cgroups.ts'

/** What real nodes need; a root in a container may lack some. */
const needed = ['CAP_NET_ADMIN', 'CAP_SYS_CHROOT', 'CAP_SYS_PTRACE', 'CAP_SYS_ADMIN'] as const

/** Controllers without which no container can be held to its limits. */
const controllers = ['cpu', 'memory', 'pids'] as const

/** What is wrong with the control groups; undefined: nothing. `enabled`: the controllers that the kernel offers. */
export function cgroupProblem(
  layout: CgroupLayout,
  enabled: readonly string[],
  isWritable: (folder: string) => boolean,
): string | undefined {
  if (layout.roots.length === 0)
    return 'no control groups are mounted: mount them (mount -t cgroup2 none /sys/fs/cgroup), then try again'
  const absent = controllers.filter((controller) => !enabled.includes(controller))
  if (absent.length > 0)
    return `the kernel offers no control group for ${absent.join(', ')}: enable it when the machine boots (kernel parameter cgroup_enable=${absent[0]})`
  const closed = layout.roots.find((root) => !isWritable(root))
  return (
    closed &&
    `control groups in ${closed} cannot be written: run Skiff on the host itself, or in a container with --privileged`
  )
}

/** What can be done without mending anything. */
export const otherwise = 'without containers: skiff up --runtime simulated'

interface Problem {
  readonly why: string
  readonly remedy: string
}

/** Why this host cannot run real nodes, as far as files tell it at no cost. */
export function hostProblem(lacking = missingCapabilities(needed)): Problem | undefined {
  if (lacking.length > 0)
    return {
      why: `this root lacks ${lacking.join(', ')}`,
      remedy: 'run skiff up on the host itself, or in a container with --privileged',
    }
  return undefined
}

/** Asked once a start has failed: the feature of the kernel that is missing, in a sentence that says what to do. */
export async function kernelProblem(run: RunCommand, groups = hostCgroupProblem): Promise<string | undefined> {
  const cgroups = groups()
  if (cgroups !== undefined) return cgroups
  const trials: readonly (readonly [command: string, args: readonly string[], problem: string])[] = [
    [
      'unshare',
      ['--mount', '--uts', '--pid', '--net', '--fork', 'true'],
      'the kernel makes no namespaces here: run Skiff on the host itself, or in a container with --privileged',
    ],
    [
      'nft',
      ['list', 'tables'],
      'the kernel has no nf_tables: load it (modprobe nf_tables), or use a kernel that has it (CONFIG_NF_TABLES)',
    ],
    [
      'unshare',
      ['--net', 'ip', 'link', 'add', 'probe', 'type', 'bridge'],
      'the kernel has no bridges: load them (modprobe bridge), or use a kernel that has them (CONFIG_BRIDGE)',
    ],
    [
      'unshare',
      ['--net', 'ip', 'link', 'add', 'probe', 'type', 'veth'],
      'the kernel has no veth links: load them (modprobe veth), or use a kernel that has them (CONFIG_VETH)',
    ],
  ]
  for (const [command, args, problem] of trials) {
    const works = await run(command, args).then(
      () => true,
      () => false,
    )
    if (!works) return `${problem}; ${otherwise}`
  }
  return undefined
}

/** Why containers cannot be held to their limits here; costs a few files. */
export function hostCgroupProblem(): string | undefined {
  const layout = readCgroupLayout()
  return cgroupProblem(layout, enabledControllers(layout), isWritable)
}

function enabledControllers(layout: CgroupLayout): string[] {
  const [root] = layout.roots
  if (layout.version === 2)
    return root === undefined ? [] : readFileSync(join(root, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
  return readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, , , enabled]) => enabled === '1')
    .flatMap(([name = '']) => name)
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
