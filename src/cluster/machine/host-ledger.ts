import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namespaceOf, processIds } from '../../machinery/process-identity.ts'

/**
 * What all clusters of this host changed on it together: settings of the kernel with their former values, and folders
 * made as mount points. It lives in /run, so a reboot, which undoes the settings, forgets them too. The last cluster to
 * leave puts everything back.
 */
export interface HostLedger {
  /**
   * Makes a cluster the host's tenant. `tenant`: the name of its bridge; `owner`: its data folder. False, and nothing
   * changed: another owner has that name, and `isHeld` says that it still does.
   */
  enter(tenant: string, owner: string, isHeld: (owner: string) => boolean): boolean
  /** Who entered under this name and has not left. */
  ownerOf(tenant: string): string | undefined
  /** Sets /proc/sys/`name` (dots or slashes) unless it has the value already, and remembers what was there. */
  setSysctl(name: string, value: string): void
  /** Makes a folder, and its parents, that this host lacks. */
  makeFolder(path: string): void
  /** Restores the host when no tenant is left that `isAlive`. */
  leave(tenant: string, isAlive: (tenant: string) => boolean): void
}

/** What is mounted in any mount namespace of this host that has a process. */
function mountPointsAnywhere(): Set<string> {
  const seen = new Set<string>()
  const points = new Set<string>()
  for (const pid of processIds()) {
    const namespace = namespaceOf(pid, 'mnt')
    if (namespace === undefined || seen.has(namespace)) continue
    seen.add(namespace)
    try {
      for (const line of readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n'))
        points.add(line.split(' ')[4] ?? '')
    } catch {}
  }
  return points
}

export function createHostLedger({ folder = '/run/skiff', proc = '/proc/sys' } = {}): HostLedger {
  const names = (shelf: string) => (existsSync(join(folder, shelf)) ? readdirSync(join(folder, shelf)) : [])
  const write = (shelf: string, name: string, text: string) => {
    mkdirSync(join(folder, shelf), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, shelf, encodeURIComponent(name)), text, { flag: 'wx' })
  }
  const remember = (shelf: string, name: string, text: string) => {
    if (!existsSync(join(folder, shelf, encodeURIComponent(name)))) write(shelf, name, text)
  }
  const ownerOf = (tenant: string) => {
    const file = join(folder, 'tenants', encodeURIComponent(tenant))
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const sysctlFile = (name: string) => join(proc, name.replaceAll('.', '/'))

  return {
    enter(tenant, owner, isHeld) {
      for (;;) {
        try {
          write('tenants', tenant, owner)
          return true
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        }
        const holder = ownerOf(tenant)
        if (holder === owner) return true
        if (holder !== undefined && isHeld(holder)) return false
        rmSync(join(folder, 'tenants', encodeURIComponent(tenant)), { force: true })
      }
    },
    ownerOf,
    setSysctl(name, value) {
      const file = sysctlFile(name)
      if (!existsSync(file)) return
      const old = readFileSync(file, 'utf8').trim()
      if (old === value) return
      remember('sysctl', name, old)
      writeFileSync(file, value)
    },
    makeFolder(path) {
      const missing: string[] = []
      for (let at = path; !existsSync(at); at = join(at, '..')) missing.unshift(at)
      for (const at of missing) {
        mkdirSync(at)
        remember('folders', at, '')
      }
    },
    leave(tenant, isAlive) {
      rmSync(join(folder, 'tenants', encodeURIComponent(tenant)), { force: true })
      if (names('tenants').map(decodeURIComponent).some(isAlive)) return
      for (const name of names('sysctl').map(decodeURIComponent)) {
        writeFileSync(sysctlFile(name), readFileSync(join(folder, 'sysctl', encodeURIComponent(name)), 'utf8'))
      }
      // Children before parents. A folder that somebody filled since stays; so does one that is a mount point anywhere,
      // since removing it would unmount it there.
      const mounted = mountPointsAnywhere()
      for (const path of names('folders').map(decodeURIComponent).sort().reverse()) {
        if (mounted.has(path)) continue
        try {
          rmdirSync(path)
        } catch {}
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
