import { nodes } from '../../api/core/v1/node.ts'
import type { Node } from '../../api/types.generated.ts'
import type { Observed } from '../runtime/observed.ts'
import { nothingToDo, type Plan } from '../runtime/plan.ts'

/** For how long kubelets may keep Secrets and ConfigMaps without asking again. */
const annotation = 'node.alpha.kubernetes.io/ttl'

/** Overlapping, lest a cluster at a border go to and fro (ttl_controller.go ttlBoundaries). */
const steps = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Infinity, seconds: 300 },
] as const

/** The step for so many nodes, coming from another one. */
export function nextStep(step: number, nodeCount: number): number {
  let next = step
  while (nodeCount > steps[next]!.max) next++
  while (nodeCount < steps[next]!.min) next--
  return next
}

export function reconcile({ object: { metadata } }: Observed<Node>, step: number): Plan {
  const wanted = steps[step]!.seconds
  const present = metadata.annotations?.[annotation]
  if (present !== undefined && /^[+-]?[0-9]+$/.test(present) && Number(present) === wanted) return nothingToDo
  const patch = { metadata: { annotations: { [annotation]: String(wanted) } } }
  return { steps: [{ do: 'patch', ref: nodes, key: { name: metadata.name! }, type: 'strategic', patch }] }
}
