import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Kubelet } from '../kubelet.ts'
import type { Runtime } from '../runtimes/runtime.ts'

/** What a kubelet tells of its pods and containers, under upstream's names (pkg/kubelet/metrics). */
export function addKubeletMetrics(metrics: MetricsRegistry, kubelet: Kubelet, runtime: Runtime): void {
  metrics.gauge('kubelet_node_name', 'Always 1; its label tells the node.', ['node']).labels(kubelet.nodeName).set(1)
  const states = new Map<string, number>()
  let sandboxes = 0
  metrics.prepare(async () => {
    const [ready, containers] = await Promise.all([
      runtime.listPodSandboxes({ state: 'ready' }),
      runtime.listContainers(),
    ])
    sandboxes = ready.length
    states.clear()
    for (const { state } of containers) states.set(state, (states.get(state) ?? 0) + 1)
  })
  metrics.collect('kubelet_running_pods', 'Pods that have a running sandbox.', 'gauge', [], () => [[[], sandboxes]])
  metrics.collect(
    'kubelet_running_containers',
    'Containers by their state.',
    'gauge',
    ['container_state'],
    function* () {
      for (const [state, count] of states) yield [[state], count] as const
    },
  )
  metrics.collect('kubelet_desired_pods', 'Pods that are to run here.', 'gauge', ['static'], () => {
    const pods = kubelet.pods()
    const fixed = pods.filter(({ metadata }) => metadata.annotations?.['kubernetes.io/config.source'] === 'file').length
    return [
      [['true'], fixed],
      [['false'], pods.length - fixed],
    ]
  })
}
