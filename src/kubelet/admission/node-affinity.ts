import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../api/types.generated.ts'

/** Whether the node is one that the pod asks for (component-helpers scheduling/corev1/nodeaffinity). */
export function matchesNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  const selector = Object.entries(pod.spec.nodeSelector ?? {})
  if (!selector.every(([key, value]) => labels[key] === value)) return false
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required === undefined) return true
  return (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node))
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  // A term without requirements matches nothing.
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name ?? '' }
  return (
    matchExpressions.every((one) => holds(one, node.metadata.labels ?? {})) &&
    matchFields.every((one) => holds(one, fields))
  )
}

function holds(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const [own, bound] = [Number(value), Number(values[0])]
      if (value === undefined || !Number.isInteger(own) || !Number.isInteger(bound)) return false
      return operator === 'Gt' ? own > bound : own < bound
    }
    default:
      return false
  }
}
