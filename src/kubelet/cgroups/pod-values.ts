import type { Pod } from '../../api/types.generated.ts'
import { declaredContainers } from '../pods/containers.ts'
import { cpuQuota, cpuShares, quotaPeriod } from '../resources/cgroup-values.ts'
import { amounts, podAmounts, podHasOwnResources, qosClass } from '../resources/pod-resources.ts'
import type { PodCgroupValues } from './cgroups.ts'

/** What a pod's control group is given (upstream: pkg/kubelet/cm/helpers_linux.go, ResourceConfigForPod). */
export function podCgroupValues(pod: Pod): PodCgroupValues {
  const qos = qosClass(pod)
  if (qos === 'BestEffort') return { cpuShares: 2 }
  const requests = podAmounts(pod, 'requests')
  const limits = podAmounts(pod, 'limits')
  const limited = (name: string) => {
    if (podHasOwnResources(pod) && (amounts(pod.spec.resources?.limits)[name] ?? 0) > 0) return true
    return declaredContainers(pod)
      .filter(({ kind }) => kind !== 'ephemeral')
      .every(({ container }) => (amounts(container.resources?.limits)[name] ?? 0) > 0)
  }
  return {
    cpuShares: cpuShares(requests['cpu'] ?? 0),
    ...(limited('cpu') && { cpuQuota: cpuQuota(limits['cpu'] ?? 0), cpuPeriod: quotaPeriod }),
    ...(limited('memory') && { memoryBytes: limits['memory'] ?? 0 }),
  }
}

/** The folder of a pod's group below the root. */
export function podGroupPath(pod: Pod): string {
  const qos = qosClass(pod)
  const tier = qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`
  return `/kubepods${tier}/pod${pod.metadata.uid}`
}
