import type { Clock } from '../../machinery/clock.ts'
import { goBuckets, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { Cgroups } from './cgroups.ts'

/** The control groups, with what is done to them measured (pkg/kubelet/cm/cgroup_manager_linux.go). */
export function measuredCgroups(cgroups: Cgroups, metrics: MetricsRegistry, clock: Clock): Cgroups {
  const durations = metrics.histogram(
    'kubelet_cgroup_manager_duration_seconds',
    'Time that changes of control groups took.',
    goBuckets,
    ['operation_type'],
  )
  metrics
    .gauge('kubelet_cgroup_version', 'Which version of control groups the machine has.')
    .labels()
    .set(cgroups.version)
  const made = new Set<string>()
  const measured = async (operation: string, change: () => Promise<void>) => {
    const began = clock.monotonic()
    try {
      await change()
    } finally {
      durations.labels(operation).observe((clock.monotonic() - began) / 1000)
    }
  }
  return {
    ...cgroups,
    ensure(pod) {
      const uid = pod.metadata.uid ?? ''
      if (made.has(uid)) return cgroups.ensure(pod)
      made.add(uid)
      return measured('create', () => cgroups.ensure(pod))
    },
    update: (pod, values) => measured('update', () => cgroups.update(pod, values)),
    remove(uid) {
      made.delete(uid)
      return measured('destroy', () => cgroups.remove(uid))
    },
  }
}
