import type { Draft } from '../../../../machinery/json.ts'
import { defaultFeatureGates } from '../../../features/feature-gates.ts'
import { defaultPodLevelRequests } from './pod-resources.ts'
import type { Pod } from '../../../types.generated.ts'

/** Defaults of a pod that a pod template does not get (pkg/apis/core/v1/defaults.go SetDefaults_Pod). */
export function setPodDefaults(draft: Draft<Pod>, _now?: number, enabled = defaultFeatureGates.enabled): void {
  const spec = draft.spec!
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { limits } = container.resources ?? {}
    if (limits !== undefined)
      container.resources = { ...container.resources, requests: { ...limits, ...container.resources?.requests } }
    if (!spec.hostNetwork) continue
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
  if (enabled('PodLevelResources') && !enabled('PodLevelResourcesFixDefaulting')) defaultPodLevelRequests(spec)
  spec.enableServiceLinks ??= true
  if (!enabled('H2CContainerProbe')) return
  for (const container of [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]) {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
    for (const handler of [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]) {
      if (handler?.httpGet) handler.httpGet.protocol ??= 'HTTP1'
    }
  }
}
