import type { Container, Pod } from '../../api/types.generated.ts'
import { containerHash } from '../lifecycle/container-hash.ts'
import type { StringMap } from '../runtimes/types.ts'

/** What sandboxes and containers are marked with, so that a kubelet that comes back knows them (upstream: kuberuntime/labels.go). */
export const labelNames = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const

const annotationNames = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  deletionGracePeriod: 'io.kubernetes.pod.deletionGracePeriod',
  terminationGracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
  preStopHandler: 'io.kubernetes.container.preStopHandler',
  ports: 'io.kubernetes.container.ports',
} as const

export function sandboxLabels(pod: Pod): StringMap {
  return { ...pod.metadata.labels, ...podLabels(pod) }
}

export function podLabels(pod: Pod): StringMap {
  return {
    [labelNames.podName]: pod.metadata.name ?? '',
    [labelNames.podNamespace]: pod.metadata.namespace ?? '',
    [labelNames.podUid]: pod.metadata.uid ?? '',
  }
}

export function containerLabels(pod: Pod, container: Container): StringMap {
  return { ...podLabels(pod), [labelNames.containerName]: container.name }
}

export function containerAnnotations(pod: Pod, container: Container, restartCount: number): StringMap {
  const annotations: Record<string, string> = {
    [annotationNames.hash]: containerHash(container),
    [annotationNames.restartCount]: String(restartCount),
    [annotationNames.terminationMessagePath]: container.terminationMessagePath ?? '',
    [annotationNames.terminationMessagePolicy]: container.terminationMessagePolicy ?? '',
  }
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) annotations[name] = value
  }
  set(annotationNames.deletionGracePeriod, pod.metadata.deletionGracePeriodSeconds?.toString())
  set(annotationNames.terminationGracePeriod, pod.spec.terminationGracePeriodSeconds?.toString())
  set(annotationNames.preStopHandler, container.lifecycle?.preStop && JSON.stringify(container.lifecycle.preStop))
  set(annotationNames.ports, container.ports?.length ? JSON.stringify(container.ports) : undefined)
  return annotations
}

/** What the annotations of a container tell about it. */
export interface ContainerMarks {
  readonly hash: string
  readonly restartCount: number
  readonly terminationMessagePath: string
  readonly fallbackToLogs: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly preStop?: NonNullable<NonNullable<Container['lifecycle']>['preStop']>
}

export function containerMarks(annotations: StringMap): ContainerMarks {
  const preStop = annotations[annotationNames.preStopHandler]
  const grace = annotations[annotationNames.terminationGracePeriod]
  return {
    hash: annotations[annotationNames.hash] ?? '',
    restartCount: Number(annotations[annotationNames.restartCount] ?? 0),
    terminationMessagePath: annotations[annotationNames.terminationMessagePath] ?? '',
    fallbackToLogs: annotations[annotationNames.terminationMessagePolicy] === 'FallbackToLogsOnError',
    terminationGracePeriodSeconds: grace === undefined ? undefined : Number(grace),
    preStop: preStop === undefined ? undefined : (JSON.parse(preStop) as ContainerMarks['preStop']),
  }
}
