import type { Draft } from '../../../../machinery/json.ts'
import type { Pod } from '../../../types.generated.ts'

/** Defaults of a pod that a pod template does not get (pkg/apis/core/v1/defaults.go SetDefaults_Pod). */
export function setPodDefaults(draft: Draft<Pod>): void {
  const spec = draft.spec!
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { limits } = container.resources ?? {}
    if (limits !== undefined)
      container.resources = { ...container.resources, requests: { ...limits, ...container.resources?.requests } }
    if (!spec.hostNetwork) continue
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
  spec.enableServiceLinks ??= true
}
