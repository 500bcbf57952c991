import { daemonSets } from '../../api/apps/v1/daemon-set.ts'
import type { DaemonSet, Pod, PodSpec } from '../../api/types.generated.ts'
import { revisionHashLabel } from '../history/revisions.ts'
import { type NewPod, podFromTemplate } from '../pods/pod-writes.ts'
import { timeOf } from '../pods/pod-state.ts'
import { daemonTolerations } from './placement.ts'

const generationAnnotation = 'deprecated.daemonset.template.generation'
const generationLabel = 'pod-template-generation'

/** Pods for nodes: the default scheduler binds each to the node that its affinity names. */
export function daemonPods(set: DaemonSet, hash: string): (nodeName: string) => NewPod {
  const generation = templateGeneration(set)
  const pod = podFromTemplate(set.spec.template, set, daemonSets)
  const labels = {
    ...pod.metadata.labels,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
    [revisionHashLabel]: hash,
  }
  const tolerations = daemonTolerations(set.spec)
  return (nodeName) => ({
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: { ...pod.spec, tolerations, affinity: affinityTo(nodeName, pod.spec.affinity) },
  })
}

function affinityTo(nodeName: string, affinity: PodSpec['affinity']): PodSpec['affinity'] {
  const named = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [nodeName] }] }
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [named] },
    },
  }
}

/** Whether the pod is of the present template: by its hash or, of old, by the template's generation. */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const { labels = {} } = pod.metadata
  const generation = templateGeneration(set)
  return labels[revisionHashLabel] === hash || (generation !== undefined && labels[generationLabel] === generation)
}

function templateGeneration({ metadata }: DaemonSet): string | undefined {
  const generation = metadata.annotations?.[generationAnnotation]
  return generation !== undefined && /^[+-]?[0-9]+$/.test(generation) ? String(BigInt(generation)) : undefined
}

/** Bound ones first, then the older, then by name. */
export function byAge(a: Pod, b: Pod): number {
  const bound = Number(!a.spec.nodeName) - Number(!b.spec.nodeName)
  if (bound !== 0) return bound
  const age = (timeOf(a.metadata.creationTimestamp) ?? 0) - (timeOf(b.metadata.creationTimestamp) ?? 0)
  if (age !== 0) return age
  return a.metadata.name! < b.metadata.name! ? -1 : 1
}
