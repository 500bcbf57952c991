import type { Container, Pod } from '../../api/types.generated.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'
import { amounts, podAmounts, podHasOwnResources, qosClass } from './pod-resources.ts'

const guaranteed = -997
const bestEffort = 1000

/** How early the kernel ends a container for want of memory (upstream: pkg/kubelet/qos/policy.go). */
export function oomScore(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  const critical = pod.spec.priorityClassName === 'system-node-critical'
  const qos = qosClass(pod)
  if (critical || qos === 'Guaranteed') return guaranteed
  if (qos === 'BestEffort') return bestEffort
  const request = (of: Container) => amounts(of.resources?.requests)['memory'] ?? 0
  const share = podHasOwnResources(pod) ? unassignedShare(pod, request) : 0
  const score = (bytes: number) => bestEffort - Math.floor((1000 * bytes) / Math.max(nodeMemoryBytes, 1))
  let result = score(request(container) + share)
  if (isSidecar(container) && initContainers(pod).includes(container)) {
    result = Math.min(result, score(Math.min(...pod.spec.containers.map(request)) + share))
  }
  if (result < bestEffort + guaranteed) return bestEffort + guaranteed
  return result === bestEffort ? bestEffort - 1 : result
}

/** What the pod asks for beyond its containers' requests, divided among them. */
function unassignedShare(pod: Pod, request: (container: Container) => number): number {
  const all = [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)]
  const sum = all.reduce((total, container) => total + request(container), 0)
  const whole = podAmounts(pod, 'requests', { withoutOverhead: true })['memory'] ?? 0
  return all.length === 0 ? 0 : Math.max(0, Math.floor((whole - sum) / all.length))
}
