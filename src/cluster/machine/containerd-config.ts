/** What a node's containerd is told. Paths are as seen in the node's machine. */
export interface ContainerdSettings {
  /** As `containerd --version` says: decides the form of the file (1.x: version 2, from 2.0 on: version 3). */
  readonly major: number
  /** The image of a pod's first container, which must be there or pullable: `registry.k8s.io/pause:3.10.2`. */
  readonly sandboxImage: string
  /** Folders of CNI plugins. containerd before 2 takes the first only. */
  readonly cniBinFolders: readonly string[]
  /** Holds a folder per registry with hosts.toml in it. */
  readonly registryFolder: string
  /** Without CAP_SYS_RESOURCE an OOM score cannot be lowered, and containers would not start. */
  readonly restrictOomScore: boolean
  /** `overlayfs`, or `native` where overlays cannot be stacked. */
  readonly snapshotter: string
  /** Handlers beside `runc` that RuntimeClasses may name. */
  readonly runtimeHandlers: readonly string[]
}

/** `2` from `containerd github.com/containerd/containerd/v2 v2.3.7 …` and the like; undefined for other text. */
export function parseContainerdVersion(text: string): { major: number; minor: number } | undefined {
  const match = /\sv?(\d+)\.(\d+)\.\d+/.exec(text)
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) }
}

type Toml = { readonly [name: string]: string | number | boolean | readonly string[] | Toml }

/** Writes tables of strings, numbers, booleans and lists of strings; TOML's basic strings escape as JSON's do. */
export function formatToml(table: Toml, path: readonly string[] = []): string {
  const entries = Object.entries(table)
  const isTable = (value: Toml[string]): value is Toml => typeof value === 'object' && !Array.isArray(value)
  const own = entries.filter(([, value]) => !isTable(value))
  const header = path.length > 0 && own.length > 0 ? `[${path.map(key).join('.')}]\n` : ''
  const body = own.map(([name, value]) => `${key(name)} = ${JSON.stringify(value)}\n`).join('')
  return (
    header + body + entries.map(([name, value]) => (isTable(value) ? formatToml(value, [...path, name]) : '')).join('')
  )
}
const key = (name: string) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))

/** Plugins that no node needs; without them containerd starts sooner and touches nothing outside the node's folders. */
const unneeded = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.nri.v1.nri',
]

/** The text of the configuration file. */
export function containerdConfig(settings: ContainerdSettings): string {
  const { major, sandboxImage, cniBinFolders, registryFolder, restrictOomScore, snapshotter, runtimeHandlers } =
    settings
  const runtimes = Object.fromEntries(
    ['runc', ...runtimeHandlers].map((name) => [
      name,
      { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: false } },
    ]),
  )
  const shared = {
    restrict_oom_score_adj: restrictOomScore,
    // As upstream expects of a runtime; the default from containerd 2 on.
    enable_unprivileged_ports: true,
    enable_unprivileged_icmp: true,
  }
  const places = { root: '/var/lib/containerd', state: '/run/containerd', disabled_plugins: unneeded }
  if (major >= 2) {
    return formatToml({
      version: 3,
      ...places,
      grpc: { address: '/run/containerd/containerd.sock' },
      plugins: {
        'io.containerd.cri.v1.images': {
          snapshotter,
          pinned_images: { sandbox: sandboxImage },
          registry: { config_path: registryFolder },
        },
        'io.containerd.cri.v1.runtime': {
          ...shared,
          cni: { bin_dirs: cniBinFolders, conf_dir: '/etc/cni/net.d' },
          containerd: { runtimes },
        },
      },
    })
  }
  return formatToml({
    version: 2,
    ...places,
    grpc: { address: '/run/containerd/containerd.sock' },
    plugins: {
      'io.containerd.grpc.v1.cri': {
        ...shared,
        sandbox_image: sandboxImage,
        registry: { config_path: registryFolder },
        cni: { bin_dir: cniBinFolders[0] ?? '/opt/cni/bin', conf_dir: '/etc/cni/net.d' },
        containerd: { snapshotter, runtimes },
      },
    },
  })
}

/** A registry's hosts.toml: where images of `registry` are really pulled from, e.g. `http://10.89.0.1:5000`. */
export function registryHosts(mirror: string): string {
  return formatToml({ host: { [mirror]: { capabilities: ['pull', 'resolve'] } } })
}
