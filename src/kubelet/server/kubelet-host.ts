import { readdirSync, readFileSync } from 'node:fs'
import type { Pod } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { labelNames } from '../containers/labels.ts'
import type { Kubelet } from '../kubelet.ts'
import { availableMemory, thisMachine, usedSwap } from '../node/machine.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { cadvisorMetrics } from '../stats/cadvisor-metrics.ts'
import { containerUses } from '../stats/container-uses.ts'
import { addKubeletMetrics } from '../stats/kubelet-metrics.ts'
import { resourceMetrics } from '../stats/resource-metrics.ts'
import { statsSummary } from '../stats/summary.ts'
import type { KubeletServerHost } from './host.ts'
import { addStartTime } from '../../machinery/process-metrics.ts'

/** The server's view of a kubelet. */
export function createKubeletServerHost(options: {
  kubelet: Kubelet
  runtime: Runtime
  rootDir: string
  clock: Clock
  configuration: object
  /** What is told at `/metrics` and `/metrics/probes`. */
  metrics?: MetricsRegistry
  probeMetrics?: MetricsRegistry
}): KubeletServerHost {
  const { kubelet, runtime, rootDir, clock, configuration, probeMetrics } = options
  const metrics = options.metrics ?? new MetricsRegistry()
  addKubeletMetrics(metrics, kubelet, runtime)
  const slis = new MetricsRegistry()
  for (const registry of [slis, ...(probeMetrics === undefined ? [] : [probeMetrics])]) addStartTime(registry, clock)
  const machine = thisMachine()
  const startedAt = clock.now()
  let lastCpu: { at: number; nanoseconds: number; nanocores?: number } | undefined

  /** Processor time since boot, and its rate since the last question. */
  const nodeCpu = () => {
    const nanoseconds = busyNanoseconds()
    const at = clock.monotonic()
    const elapsed = lastCpu === undefined ? 0 : at - lastCpu.at
    const nanocores =
      lastCpu !== undefined && elapsed > 100
        ? Math.round((nanoseconds - lastCpu.nanoseconds) / (elapsed / 1000))
        : lastCpu?.nanocores
    lastCpu = { at, nanoseconds, nanocores }
    return { usageCoreNanoseconds: nanoseconds, usageNanocores: nanocores }
  }

  return {
    nodeName: kubelet.nodeName,
    runtime,
    pods: () => kubelet.pods(),
    podByName: (namespace, name) =>
      kubelet.pods().find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    async runningPods() {
      const [sandboxes, containers] = await Promise.all([
        runtime.listPodSandboxes({ state: 'ready' }),
        runtime.listContainers({ state: 'running' }),
      ])
      return sandboxes.map(
        ({ id, metadata }) =>
          ({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
            spec: {
              containers: containers
                .filter(({ sandboxId }) => sandboxId === id)
                .map((container) => ({ name: container.metadata.name, image: container.image.image, resources: {} })),
            },
            status: {},
          }) as unknown as Pod,
      )
    },
    async sandboxId(pod) {
      const sandboxes = await runtime.listPodSandboxes({
        state: 'ready',
        labels: { [labelNames.podUid]: pod.metadata.uid ?? '' },
      })
      return sandboxes.toSorted((a, b) => b.createdAt - a.createdAt)[0]?.id
    },
    logPath: async (containerId) => (await runtime.containerStatus(containerId).catch(() => undefined))?.logPath,
    async statsSummary(onlyCpuAndMemory) {
      const [pods, containers] = await Promise.all([
        runtime.listPodSandboxStats().catch(() => []),
        runtime.listContainerStats(),
      ])
      return statsSummary(
        {
          nodeName: kubelet.nodeName,
          machine,
          rootDir,
          now: clock.now(),
          startedAt,
          pods,
          containers,
          nodeCpu: nodeCpu(),
          processCount: processCount(),
        },
        onlyCpuAndMemory,
      )
    },
    async metrics(endpoint) {
      if (endpoint === 'probes') return probeMetrics?.text() ?? ''
      if (endpoint === '') return metrics.expose()
      if (endpoint === 'slis') return slis.text()
      if (endpoint === 'cadvisor') {
        const { containers, pods } = await containerUses(runtime, kubelet.groups, (uid) => kubelet.pod(uid))
        return cadvisorMetrics(machine, containers, pods).text()
      }
      const node = {
        cpuCoreNanoseconds: busyNanoseconds(),
        memoryWorkingSetBytes: machine.memoryBytes - availableMemory(),
        swapUsageBytes: usedSwap(),
        now: clock.now(),
      }
      const [stats, containers, pods] = await Promise.all([
        runtime.listContainerStats(),
        runtime.listContainers(),
        runtime.listPodSandboxStats().catch(() => []),
      ])
      return resourceMetrics({ node, stats, containers, pods })
    },
    configuration: () => configuration,
    unhealthy: () => [],
  }
}

/** Of all processors since boot, from /proc/stat (in hundredths of seconds). */
function busyNanoseconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * 1e7
}

function processCount(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length
}
