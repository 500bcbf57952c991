import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Runtime } from './runtime.ts'

/** As upstream names the operations of a runtime in its metrics (pkg/kubelet/kuberuntime/instrumented_services.go). */
const operations: Readonly<Partial<Record<keyof Runtime, string>>> = {
  version: 'version',
  status: 'status',
  setPodCidr: 'update_runtime_config',
  runPodSandbox: 'run_podsandbox',
  stopPodSandbox: 'stop_podsandbox',
  removePodSandbox: 'remove_podsandbox',
  podSandboxStatus: 'podsandbox_status',
  listPodSandboxes: 'list_podsandbox',
  createContainer: 'create_container',
  startContainer: 'start_container',
  stopContainer: 'stop_container',
  removeContainer: 'remove_container',
  containerStatus: 'container_status',
  listContainers: 'list_containers',
  updateContainerResources: 'update_container',
  reopenContainerLog: 'reopen_container_log',
  execSync: 'exec_sync',
  exec: 'exec',
  attach: 'attach',
  portForward: 'port_forward',
  listContainerStats: 'list_container_stats',
  listPodSandboxStats: 'list_podsandbox_stats',
  listImages: 'list_images',
  imageStatus: 'image_status',
  pullImage: 'pull_image',
  removeImage: 'remove_image',
  imageFilesystems: 'image_fs_info',
}
const seconds = Array.from({ length: 14 }, (_, at) => 0.005 * 2.5 ** at)

type Call = (...parameters: readonly unknown[]) => Promise<unknown>

/** The runtime, with what it is asked counted and measured. */
export function measuredRuntime(runtime: Runtime, metrics: MetricsRegistry, clock: Clock): Runtime {
  const labels = ['operation_type']
  const counts = metrics.counter('kubelet_runtime_operations_total', 'What the runtime was asked.', labels)
  const errors = metrics.counter('kubelet_runtime_operations_errors_total', 'What the runtime refused.', labels)
  const times = metrics.histogram(
    'kubelet_runtime_operations_duration_seconds',
    'Time until the runtime answered.',
    seconds,
    labels,
  )
  const measured = (operation: string, call: Call): Call => {
    const series = { count: counts.labels(operation), seconds: times.labels(operation) }
    return async (...parameters) => {
      series.count.inc()
      const began = clock.monotonic()
      try {
        return await call(...parameters)
      } catch (error) {
        errors.labels(operation).inc()
        throw error
      } finally {
        series.seconds.observe((clock.monotonic() - began) / 1000)
      }
    }
  }
  const calls = new Map<PropertyKey, Call>()
  return new Proxy(runtime, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const known = calls.get(name)
      if (known !== undefined) return known
      const call = value.bind(target) as Call
      const operation = operations[name as keyof Runtime]
      const made = operation === undefined ? call : measured(operation, call)
      calls.set(name, made)
      return made
    },
  })
}
