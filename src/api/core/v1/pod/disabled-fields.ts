import type { Draft } from '../../../../machinery/json.ts'
import type { LifecycleHandler, PodSpec, Probe } from '../../../types.generated.ts'

/**
 * Takes away the fields of features that are off by default in this release (pkg/api/pod/util.go dropDisabledFields):
 * upstream drops what a client sends in them without a word.
 */
export function dropDisabledFields(spec: Draft<PodSpec>): void {
  delete spec.schedulingGroup
  delete spec.evictionResponders
  for (const { emptyDir, secret, configMap, downwardAPI, projected } of spec.volumes ?? []) {
    if (emptyDir !== undefined) remove(emptyDir, 'mode')
    const parts = [
      secret,
      configMap,
      downwardAPI,
      projected,
      ...(projected?.sources ?? []).flatMap((source) => Object.values(source)),
    ]
    for (const part of parts) if (part !== undefined) removeUsers(part)
  }
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
  for (const container of containers) {
    for (const mount of container.volumeMounts ?? []) remove(mount, 'bindMountOptions')
    const { lifecycle } = container
    if (lifecycle !== undefined) remove(lifecycle, 'stopSignal')
    const handlers = [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
      lifecycle?.postStart,
      lifecycle?.preStop,
    ]
    for (const handler of handlers as (Draft<Probe> | Draft<LifecycleHandler> | undefined)[]) {
      if (handler?.httpGet !== undefined) remove(handler.httpGet, 'protocol')
      if (handler !== undefined && 'grpc' in handler && handler.grpc !== undefined) remove(handler.grpc, 'mode')
    }
  }
}

function remove(target: object, member: string): void {
  delete (target as Record<string, unknown>)[member]
}

function removeUsers(source: object): void {
  remove(source, 'defaultUser')
  remove(source, 'user')
  for (const item of (source as { items?: object[] }).items ?? []) remove(item, 'user')
}
