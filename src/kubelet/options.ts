import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/events/event-recorder.ts'
import type { InformerFactory } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { RunCommand } from '../machinery/command.ts'
import type { Logger } from '../machinery/log.ts'
import type { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import type { PodHost } from './host/pod-host.ts'
import type { Runtime } from './runtimes/runtime.ts'

export interface KubeletPaths {
  /** The kubelet's own folder: `/var/lib/kubelet`. */
  readonly rootDir: string
  /** `/var/log/pods` */
  readonly podLogsDir: string
  /** `/var/log/containers` */
  readonly containerLogsDir: string
  /** Manifests of static pods; absent: none. */
  readonly staticPodsDir?: string
  /** `/etc/resolv.conf`; empty: pods get none of the node's. */
  readonly resolvConf: string
}

export const defaultPaths: KubeletPaths = {
  rootDir: '/var/lib/kubelet',
  podLogsDir: '/var/log/pods',
  containerLogsDir: '/var/log/containers',
  resolvConf: '/etc/resolv.conf',
}

export interface KubeletOptions {
  readonly nodeName: string
  /** Speaks as `system:node:<nodeName>` of group `system:nodes`. */
  readonly client: Client
  /** Of that client; the kubelet makes its own when absent. */
  readonly informers?: InformerFactory
  readonly runtime: Runtime
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** What pods, volumes and control groups take is told here; absent: nowhere, as for a thousand simulated nodes. */
  readonly metrics?: MetricsRegistry
  /** What probes find is counted here; absent: nowhere. */
  readonly probeMetrics?: MetricsRegistry
  /** Of component `kubelet` and this host; the kubelet makes its own when absent. */
  readonly events?: EventRecorder
  readonly run?: RunCommand
  readonly paths?: Partial<KubeletPaths>
  /** The node's addresses, the first one first. */
  readonly nodeIPs: readonly string[]
  readonly clusterDNS: readonly string[]
  readonly clusterDomain: string
  /** A control group that exists in each hierarchy, below which `kubepods` is made. Default `/`. */
  readonly cgroupRoot?: string
  /** Instead of this Linux machine: a simulated one. */
  readonly host?: PodHost
  /** The port of the kubelet's own server, told to the API. Default 10250. */
  readonly port?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly maxPods?: number
  /** What the node keeps for itself, by resource name: `{cpu: '100m', memory: '200Mi'}`. */
  readonly reserved?: Readonly<Record<string, string>>
  /** Capacity instead of the machine's own. */
  readonly capacity?: Readonly<Record<string, string>>
  /** Seconds between renewals of the node's lease are a quarter of this. Default 40. */
  readonly leaseDurationSeconds?: number
  /** Kernel settings that pods may ask for beside the safe ones; `net.*` for all below. */
  readonly allowedUnsafeSysctls?: readonly string[]
  /** Memory (bytes) and share of disk below which pods are evicted. */
  readonly evictionHard?: { readonly memoryAvailableBytes?: number; readonly nodefsAvailablePercent?: number }
  /** Percent of the image disk at which unused images are removed, and down to which; 100: never. */
  readonly imageGc?: { readonly highPercent: number; readonly lowPercent: number }
  /** A log file this large is rotated. Default 10 MiB, at most 5 files. */
  readonly containerLogs?: { readonly maxBytes: number; readonly maxFiles: number }
}
