import type { Pod } from '../../api/types.generated.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { MetricsEndpoint } from './route.ts'

/** What the kubelet's server shows and does; the kubelet implements it. */
export interface KubeletServerHost {
  readonly nodeName: string
  readonly runtime: Runtime
  /** The pods that the node is to run, with the status that the kubelet last worked out. */
  pods(): readonly Pod[]
  podByName(namespace: string, name: string): Pod | undefined
  /** What the runtime runs, as pods with their containers' names and images. */
  runningPods(): Promise<readonly Pod[]>
  /** The id of the pod's ready sandbox, for port-forward. */
  sandboxId(pod: Pod): Promise<string | undefined>
  /** Where the runtime writes the log of a container; null: it keeps none. */
  logPath(containerId: string): Promise<string | null | undefined>
  /** stats/v1alpha1 Summary. */
  statsSummary(onlyCpuAndMemory: boolean): Promise<object>
  /** Prometheus text by endpoint: '' for /metrics, or 'resource', 'cadvisor', 'probes', 'slis'. */
  metrics(endpoint: MetricsEndpoint): Promise<string>
  /** The kubelet's configuration in force, as kubelet.config.k8s.io/v1beta1. */
  configuration(): object
  /** Names of health checks that fail; none: healthy. */
  unhealthy(): readonly string[]
}
