import type { Node, Pod } from '../../api/types.generated.ts'
import type { QosClass } from '../resources/pod-resources.ts'
import { amounts, podAmounts, qosClass } from '../resources/pod-resources.ts'
import { isCriticalPod, isStaticPod } from '../pods/static-pods.ts'
import { forbiddenSysctl } from '../security/sysctls.ts'
import { matchesNode } from './node-affinity.ts'
import { portsConflict } from './host-ports.ts'
import { untoleratedTaint } from './tolerations.ts'

export interface AdmissionInput {
  readonly pod: Pod
  /** Pods that the node runs already. */
  readonly others: readonly Pod[]
  readonly node: Node
  readonly allowedUnsafeSysctls: readonly string[]
  /** Conditions of pressure that the node has: `MemoryPressure`. */
  readonly pressure: readonly string[]
}

export interface Refusal {
  readonly reason: string
  readonly message: string
}

/** Why the node does not take the pod, or undefined (upstream: pkg/kubelet/lifecycle/predicate.go and its siblings). */
export function refusePod(input: AdmissionInput): Refusal | undefined {
  const { pod, node } = input
  const pressure = refusedForPressure(input)
  if (pressure !== undefined) return pressure
  const sysctl = forbiddenSysctl(pod, input.allowedUnsafeSysctls)
  if (sysctl !== undefined) return { reason: 'SysctlForbidden', message: sysctl }
  const os = pod.metadata.labels?.['kubernetes.io/os']
  if (os !== undefined && os !== 'linux') {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message }
  }
  if (pod.spec.os !== undefined && pod.spec.os.name !== 'linux') {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
  }
  const strict = pod.spec.securityContext?.supplementalGroupsPolicy === 'Strict'
  if (strict && node.status?.features?.supplementalGroupsPolicy === false) {
    const message = 'SupplementalGroupsPolicy=Strict is not supported in this node'
    return { reason: 'SupplementalGroupsPolicyNotSupported', message }
  }
  return refusedForResources(input) ?? refusedByPredicates(input)
}

function refusedForPressure({ pod, pressure }: AdmissionInput): Refusal | undefined {
  if (pressure.length === 0 || isCriticalPod(pod)) return undefined
  const bestEffort: QosClass = 'BestEffort'
  const onlyMemory = pressure.length === 1 && pressure[0] === 'MemoryPressure'
  if (onlyMemory && qosClass(pod) !== bestEffort) return undefined
  const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }
  if (onlyMemory && untoleratedTaint([taint], pod.spec.tolerations ?? []) === undefined) return undefined
  return { reason: 'Evicted', message: `The node had condition: [${pressure.join(' ')}]. ` }
}

function refusedForResources({ pod, others, node }: AdmissionInput): Refusal | undefined {
  const allocatable = amounts(node.status?.allocatable)
  const refusal = (name: string, requested: number, used: number) => ({
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${allocatable[name] ?? 0}`,
  })
  if (allocatable['pods'] !== undefined && others.length + 1 > allocatable['pods']) {
    return refusal('pods', 1, others.length)
  }
  const requested = podAmounts(pod, 'requests')
  // Whoever asks for nothing is not refused, however full the node is.
  const asked = Object.entries(requested).filter(([name, amount]) => amount > 0 && allocatable[name] !== undefined)
  if (asked.length === 0) return undefined
  const used: Record<string, number> = {}
  for (const other of others) {
    for (const [name, amount] of Object.entries(podAmounts(other, 'requests'))) used[name] = (used[name] ?? 0) + amount
  }
  const order = ['cpu', 'memory', 'ephemeral-storage']
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const short = asked
    .sort(([a], [b]) => rank(a) - rank(b))
    .find(([name, amount]) => amount + (used[name] ?? 0) > allocatable[name]!)
  return short && refusal(short[0], short[1], used[short[0]] ?? 0)
}

function refusedByPredicates({ pod, others, node }: AdmissionInput): Refusal | undefined {
  const failed = (name: string, why: string) => ({ reason: name, message: `Predicate ${name} failed: ${why}` })
  if (!matchesNode(pod, node)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name) {
    return failed('NodeName', "node(s) didn't match the requested node name")
  }
  if (portsConflict(pod, others)) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  if (!isStaticPod(pod) && untoleratedTaint(taints, pod.spec.tolerations ?? []) !== undefined) {
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  }
  return undefined
}
