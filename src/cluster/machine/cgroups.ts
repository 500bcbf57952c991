import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, pause } from '../../machinery/clock.ts'

/** How the kernel's control groups are laid out: one hierarchy per controller (v1), or one for all (v2). */
export interface CgroupLayout {
  readonly version: 1 | 2
  /** The top of each hierarchy. */
  readonly roots: readonly string[]
}

/** Controllers that a kubelet needs on v2 (pkg/kubelet/cm/cgroup_manager_linux.go getSupportedUnifiedControllers). */
const unifiedControllers = ['cpu', 'cpuset', 'hugetlb', 'memory', 'pids', 'io']

/** Reads the layout from the text of /proc/mounts. A hybrid host counts as v1; its empty v2 tree is among the roots. */
export function parseCgroupMounts(mounts: string): CgroupLayout {
  const entries = mounts.split('\n').map((line) => line.split(' '))
  const v1 = entries.filter(([, , type]) => type === 'cgroup').map(([, path = '']) => path)
  const v2 = entries.filter(([, , type]) => type === 'cgroup2').map(([, path = '']) => path)
  return v1.length > 0 ? { version: 1, roots: [...v1, ...v2] } : { version: 2, roots: v2.slice(0, 1) }
}

export function readCgroupLayout(): CgroupLayout {
  return parseCgroupMounts(readFileSync('/proc/mounts', 'utf8'))
}

/**
 * Makes the group `name` (`skiff0-node1`) in every hierarchy, ready for a kubelet's `cgroupRoot`: on v1 a new cpuset takes
 * no process until its CPUs and memory nodes are filled; on v2 the controllers must be handed down.
 */
export function makeCgroups(layout: CgroupLayout, name: string): void {
  if (layout.version === 2) {
    for (const root of layout.roots) {
      handDown(root)
      mkdirSync(join(root, name), { recursive: true })
      handDown(join(root, name))
    }
    return
  }
  for (const root of layout.roots) {
    const group = join(root, name)
    mkdirSync(group, { recursive: true })
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(root, file))) writeFileSync(join(group, file), readFileSync(join(root, file), 'utf8'))
    }
  }
}

function handDown(group: string): void {
  const available = new Set(readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(' '))
  for (const controller of unifiedControllers) {
    if (available.has(controller)) writeFileSync(join(group, 'cgroup.subtree_control'), `+${controller}`)
  }
}

/** Removes the group and all below it, in every hierarchy; its processes must have ended. Waits a little for corpses. */
export async function removeCgroups(layout: CgroupLayout, name: string, clock: Clock): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const left = layout.roots.map((root) => join(root, name)).filter((group) => !removed(group))
    if (left.length === 0) return
    if (attempt === 100) throw new Error(`control groups still have processes: ${left.join(', ')}`)
    await pause(clock, 50)
  }
}

/** Depth first; false when something is still in there. */
function removed(group: string): boolean {
  if (!existsSync(group)) return true
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const emptied = children.map((child) => removed(join(group, child.name))).every(Boolean)
  if (!emptied) return false
  try {
    rmdirSync(group)
    return true
  } catch {
    return !existsSync(group)
  }
}
