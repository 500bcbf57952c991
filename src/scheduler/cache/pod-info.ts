import { volumeClaimName } from '../../api/core/v1/pod/volume-claim.ts'
import { hasPodLevelRequests, podRequests } from '../../api/core/v1/pod-requests.ts'
import type { Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { type AffinityTerm, preferredTerms, requiredTerms } from './affinity-term.ts'
import { type HostPort, hostPortsOf } from './host-ports.ts'
import { type Resource, resourceOf } from './resource.ts'

// A container that asks for nothing counts as this much when nodes are compared (pkg/scheduler/util/pod_resources.go).
const defaultMilliCpu = 100
const defaultMemoryBytes = 200 << 20

/** A pod with what scheduling needs of it, reckoned once. */
export class PodInfo {
  readonly pod: Pod
  /** `namespace/name` */
  readonly key: string
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly labels: { readonly [label: string]: string } | undefined
  readonly priority: number
  readonly requests: Resource
  /** As `requests`, for comparing nodes: who asks for nothing counts too. */
  readonly nonZero: { readonly milliCpu: number; readonly memoryBytes: number }
  readonly hostPorts: readonly HostPort[]
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
  /** `namespace/name` of the claims that its volumes use. */
  readonly claims: readonly string[]

  /** `same`: the same pod on another node; what was reckoned holds. */
  constructor(pod: Pod, same?: PodInfo) {
    const { metadata, spec } = pod
    this.pod = pod
    this.key = keyOf(pod)
    this.uid = metadata.uid ?? ''
    this.name = metadata.name ?? ''
    this.namespace = metadata.namespace ?? ''
    this.labels = metadata.labels
    this.priority = spec?.priority ?? 0
    const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
    const { requiredDuringSchedulingIgnoredDuringExecution: required } = podAffinity ?? {}
    const { requiredDuringSchedulingIgnoredDuringExecution: requiredAnti } = podAntiAffinity ?? {}
    const { preferredDuringSchedulingIgnoredDuringExecution: preferred } = podAffinity ?? {}
    const { preferredDuringSchedulingIgnoredDuringExecution: preferredAnti } = podAntiAffinity ?? {}
    this.requests = same?.requests ?? resourceOf(podRequests(pod, { useStatus: true }))
    this.nonZero = same?.nonZero ?? nonZeroRequests(pod)
    this.hostPorts = same?.hostPorts ?? hostPortsOf(pod)
    this.requiredAffinity = same?.requiredAffinity ?? requiredTerms(pod, required)
    this.requiredAntiAffinity = same?.requiredAntiAffinity ?? requiredTerms(pod, requiredAnti)
    this.preferredAffinity = same?.preferredAffinity ?? preferredTerms(pod, preferred)
    this.preferredAntiAffinity = same?.preferredAntiAffinity ?? preferredTerms(pod, preferredAnti)
    this.claims = same?.claims ?? claimsOf(pod)
  }

  /** The same pod, bound to the node. */
  on(nodeName: string): PodInfo {
    return new PodInfo({ ...this.pod, spec: { ...this.pod.spec!, nodeName } }, this)
  }

  get nodeName(): string {
    return this.pod.spec?.nodeName ?? ''
  }
  get terminating(): boolean {
    return this.pod.metadata.deletionTimestamp !== undefined
  }
}

function nonZeroRequests(pod: Pod): { milliCpu: number; memoryBytes: number } {
  const nonMissing = new Map([
    ['cpu', defaultMilliCpu],
    ['memory', defaultMemoryBytes],
  ])
  if (hasPodLevelRequests(pod)) for (const name of podRequests(pod, { useStatus: true }).keys()) nonMissing.delete(name)
  const requests = podRequests(pod, { useStatus: true, nonMissing })
  return { milliCpu: requests.get('cpu') ?? 0, memoryBytes: requests.get('memory') ?? 0 }
}

function claimsOf({ metadata, spec }: Pod): readonly string[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    const name = volumeClaimName(metadata.name, volume)
    return name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`]
  })
}
