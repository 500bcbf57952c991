import type { Pod } from '../../api/types.generated.ts'

/** Pods of this node's own files, and the objects that mirror them in the API (upstream: pkg/kubelet/types/pod_update.go). */
export const annotations = {
  source: 'kubernetes.io/config.source',
  mirror: 'kubernetes.io/config.mirror',
  hash: 'kubernetes.io/config.hash',
  seen: 'kubernetes.io/config.seen',
} as const

export function isStaticPod(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[annotations.source]
  return source !== undefined && source !== 'api'
}

export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[annotations.mirror] !== undefined
}

/** The node or the cluster cannot do without it: it is never put off for want of resources. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || isMirrorPod(pod) || (pod.spec.priority ?? 0) >= 2_000_000_000
}
