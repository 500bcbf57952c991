import type { NodeInfo } from '../../cache/node-info.ts'
import type { Resource } from '../../cache/resource.ts'

export interface Insufficient {
  readonly reason: string
  /** The node is too small even when empty. */
  readonly unresolvable: boolean
}

const tooManyPods: Insufficient = { reason: 'Too many pods', unresolvable: false }
const reasons = new Map<string, readonly [Insufficient, Insufficient]>()
function insufficient(resource: string, unresolvable: boolean): Insufficient {
  let pair = reasons.get(resource)
  if (!pair) {
    const reason = `Insufficient ${resource}`
    pair = [
      { reason, unresolvable: false },
      { reason, unresolvable: true },
    ]
    reasons.set(resource, pair)
  }
  return pair[unresolvable ? 1 : 0]
}
const none: readonly Insufficient[] = Object.freeze([])

/** What the node lacks for the pod's requests (plugins/noderesources/fit.go fitsRequest). */
export function insufficientResources(
  requests: Resource,
  node: NodeInfo,
  ignores: (resource: string, node: NodeInfo) => boolean = ignoresNone,
): readonly Insufficient[] {
  return fits(requests, node) ? none : lackingOf(requests, node, ignores)
}
const ignoresNone = () => false

/** Asked of every node for every pod, and mostly so: nothing is made. */
function fits(requests: Resource, { allocatable, requested, pods, allowedPods }: NodeInfo): boolean {
  const { milliCpu, memoryBytes, ephemeralStorageBytes, scalars } = requests
  if (pods.size + 1 > allowedPods || scalars !== undefined) return false
  if (milliCpu > 0 && milliCpu > allocatable.milliCpu - requested.milliCpu) return false
  if (memoryBytes > 0 && memoryBytes > allocatable.memoryBytes - requested.memoryBytes) return false
  return (
    ephemeralStorageBytes <= 0 ||
    ephemeralStorageBytes <= allocatable.ephemeralStorageBytes - requested.ephemeralStorageBytes
  )
}

function lackingOf(
  requests: Resource,
  node: NodeInfo,
  ignores: (resource: string, node: NodeInfo) => boolean,
): readonly Insufficient[] {
  const { allocatable, requested } = node
  const lacking: Insufficient[] = []
  const check = (name: string, wanted: number, capacity: number, used: number) => {
    if (wanted > 0 && wanted > capacity - used) lacking.push(insufficient(name, wanted > capacity))
  }
  if (node.pods.size + 1 > node.allowedPods) lacking.push(tooManyPods)
  check('cpu', requests.milliCpu, allocatable.milliCpu, requested.milliCpu)
  check('memory', requests.memoryBytes, allocatable.memoryBytes, requested.memoryBytes)
  check(
    'ephemeral-storage',
    requests.ephemeralStorageBytes,
    allocatable.ephemeralStorageBytes,
    requested.ephemeralStorageBytes,
  )
  for (const [name, wanted] of requests.scalars ?? []) {
    if (ignores(name, node)) continue
    check(name, wanted, allocatable.scalars?.get(name) ?? 0, requested.scalars?.get(name) ?? 0)
  }
  return lacking
}
