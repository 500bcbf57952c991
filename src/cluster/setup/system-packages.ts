import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { RunCommand } from '../../machinery/command.ts'

/** A program that real nodes need, where it may lie, and the Debian package that brings it. */
interface Requirement {
  readonly program: string
  readonly package: string
  /** Looked for here rather than on PATH. */
  readonly folders?: readonly string[]
}

const requirements: readonly Requirement[] = [
  { program: 'containerd', package: 'containerd' },
  { program: 'ctr', package: 'containerd' },
  { program: 'runc', package: 'runc' },
  {
    program: 'ptp',
    package: 'containernetworking-plugins',
    folders: ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'],
  },
  { program: 'nft', package: 'nftables' },
  { program: 'iptables', package: 'iptables' },
  { program: 'ip', package: 'iproute2' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'nsenter', package: 'util-linux' },
  { program: 'unshare', package: 'util-linux' },
  { program: 'mount', package: 'mount' },
]

/** The packages that bring what this host lacks, each once; none: all is there. */
export function missingPackages(
  path = process.env['PATH'] ?? '',
  exists: (file: string) => boolean = existsSync,
): string[] {
  const onPath = [...path.split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return [
    ...new Set(
      requirements
        .filter(({ program, folders = onPath }) => !folders.some((folder) => exists(join(folder, program))))
        .map((one) => one.package),
    ),
  ]
}

/** Whether apt can install here: Debian or Ubuntu or kin, and root. */
export function canInstall(osRelease = readOsRelease(), uid = process.getuid?.() ?? -1): boolean {
  return uid === 0 && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease)
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

/** Installs Debian packages; services that they bring are not started, for each node starts its own. */
export async function installPackages(run: RunCommand, packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const install = () =>
    run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...packages], { env, timeoutMs: 600_000 })
  try {
    await install()
  } catch {
    // The lists of packages may be old, or never have been fetched.
    await run('apt-get', ['update', '--quiet'], { env, timeoutMs: 300_000 })
    await install()
  }
}
