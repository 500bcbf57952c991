/** Folders that each machine has for itself; all else is the host's. /run is empty at each start, as after a boot. */
export const privateFolders = [
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/cni',
  '/var/log/pods',
  '/var/log/containers',
  '/etc/cni',
] as const

/** Marks the processes of a machine in their command lines, so that none is lost with its pid file. */
export const marker = 'skiff-machine'

/** A machine's folders must be seen from inside it: not below what is hidden there. Throws an Error in a user's words. */
export function checkFolder(folder: string): void {
  const hidden = ['/run', '/var/run', '/proc', '/sys', '/dev', ...privateFolders].find(
    (path) => folder === path || folder.startsWith(`${path}/`),
  )
  if (hidden !== undefined) {
    throw new Error(
      `a node's data cannot lie in ${folder}, since each node has its own ${hidden}: choose another data folder`,
    )
  }
}

/** What the first process says on its standard output when the machine is made. */
export const readyLine = 'ready'

/**
 * The first process of a machine, for any POSIX sh: `sh -c SCRIPT skiff-machine ID FOLDER HOSTNAME [RESOLV-CONF]`. It mounts, says that
 * it is ready, and then only reaps: a shell that waits for its child collects every orphan as well (wait3 of any child).
 * Mounts propagate among the machine's own namespaces only, as containers with Bidirectional mounts need.
 */
export const machineScript = [
  'set -e',
  'folder=$2',
  'hostname "$3"',
  'mount --make-rshared /',
  'mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run',
  'mkdir -p /run/lock /run/netns',
  ...privateFolders.map((path) => `mount --bind "$folder/root${path}" ${path}`),
  'if [ -n "$4" ]; then',
  '  mkdir -p "${4%/*}"',
  '  [ -e "$4" ] || : >"$4"',
  '  mount --bind "$folder/resolv.conf" "$4"',
  'fi',
  // A pod that reaches itself through a service comes in and leaves by the same link; the redirects that the kernel would
  // send for it use up the allowance for refusals to the same pod.
  'for links in all default; do echo 0 >/proc/sys/net/ipv4/conf/$links/send_redirects; done',
  'for file in ipv4/ip_forward ipv6/conf/all/forwarding; do',
  '  if [ -w /proc/sys/net/$file ]; then echo 1 >/proc/sys/net/$file; fi',
  'done',
  `echo ${readyLine}`,
  'exec >/dev/null 2>&1',
  'while :; do sleep 2147483 || :; done',
].join('\n')

/** The command that makes the namespaces. It stays as the parent of the first process, and takes it along when killed. */
export function machineCommand(options: {
  readonly id: string
  readonly folder: string
  readonly hostname: string
  /** Where `FOLDER/resolv.conf` is mounted; undefined: nowhere. */
  readonly resolvConf?: string
}): string[] {
  const namespaces = ['--mount', '--uts', '--pid', '--net', '--fork', '--kill-child', '--mount-proc']
  return [
    'unshare',
    ...namespaces,
    'sh',
    '-c',
    machineScript,
    marker,
    options.id,
    options.folder,
    options.hostname,
    options.resolvConf ?? '',
  ]
}

/** Whether /proc/PID/cmdline is that of a machine's own processes. */
export function isMachineCommandLine(cmdline: string, id: string, folder: string): boolean {
  const words = cmdline.split('\0')
  const at = words.indexOf(marker)
  return at > 0 && words[at + 1] === id && words[at + 2] === folder
}
