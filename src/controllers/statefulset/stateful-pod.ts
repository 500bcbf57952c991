import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import type { Pod, PodTemplateSpec, StatefulSet, Volume } from '../../api/types.generated.ts'
import { revisionHashLabel } from '../history/revisions.ts'
import { type NewPod, podFromTemplate } from '../pods/pod-writes.ts'
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts'
import { claimName } from './claims.ts'
import { ordinalOf } from './ordinals.ts'

const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'

/** The pod with this number, made of a template of the revision (stateful_set_utils.go newStatefulSetPod). */
export function statefulPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): NewPod {
  const { metadata, spec, ...pod } = podFromTemplate(template, set, statefulSets)
  const { generateName: _, ...rest } = metadata
  const name = `${set.metadata.name}-${ordinal}`
  const labels = { ...metadata.labels, ...identityLabels(name, ordinal), [revisionHashLabel]: revision }
  return {
    ...pod,
    metadata: { ...rest, name, labels },
    spec: {
      ...spec,
      hostname: name,
      subdomain: set.spec.serviceName || undefined,
      volumes: volumesOf(set, spec.volumes, ordinal),
    },
  }
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [podNameLabel]: name, [podIndexLabel]: String(ordinal) }
}

/** Claims take the place of volumes of the same name. */
function volumesOf(set: StatefulSet, volumes: readonly Volume[] = [], ordinal: number): readonly Volume[] | undefined {
  const templates = set.spec.volumeClaimTemplates ?? []
  const claimed = new Set(templates.map(({ metadata }) => metadata.name))
  const all = [
    ...templates.map((template) => ({
      name: template.metadata.name!,
      persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
    })),
    ...volumes.filter(({ name }) => !claimed.has(name)),
  ]
  return all.length > 0 ? all : undefined
}

/** The pod with the labels and claims that it should have; undefined: it has them. */
export function corrected(set: StatefulSet, pod: Pod): Pod | undefined {
  const ordinal = ordinalOf(pod)
  const { name = '', labels = {} } = pod.metadata
  const { volumes = [] } = pod.spec
  const hasStorage = (set.spec.volumeClaimTemplates ?? []).every((template) =>
    volumes.some(
      (volume) =>
        volume.name === template.metadata.name &&
        volume.persistentVolumeClaim?.claimName === claimName(set, template, ordinal),
    ),
  )
  if (labels[podNameLabel] === name && hasStorage) return undefined
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...labels, ...identityLabels(name, ordinal) } },
    spec: hasStorage ? pod.spec : { ...pod.spec, volumes: volumesOf(set, volumes, ordinal) },
  }
}

export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[revisionHashLabel] ?? ''
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod)
}

/** Not (or not for long enough) ready, or about to go. */
export function isUnavailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return !isPodAvailable(pod, minReadySeconds, now) || isTerminating(pod)
}
