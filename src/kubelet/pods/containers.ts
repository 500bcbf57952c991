import { isRestartableInitContainer as isSidecar } from '../../api/core/v1/pod/aggregate-containers.ts'
import type { Container, EphemeralContainer, Pod } from '../../api/types.generated.ts'

export { isSidecar }

export type ContainerKind = 'init' | 'app' | 'ephemeral'

/** A container of a pod with the list that declares it. Ephemeral ones have all fields of the others. */
export interface DeclaredContainer {
  readonly kind: ContainerKind
  readonly container: Container
}

export function initContainers(pod: Pod): readonly Container[] {
  return pod.spec.initContainers ?? []
}
export function sidecars(pod: Pod): readonly Container[] {
  return initContainers(pod).filter(isSidecar)
}
export function ephemeralContainers(pod: Pod): readonly EphemeralContainer[] {
  return pod.spec.ephemeralContainers ?? []
}

/** All containers of a pod: init, app, ephemeral. */
export function declaredContainers(pod: Pod): readonly DeclaredContainer[] {
  return [
    ...initContainers(pod).map((container) => ({ kind: 'init' as const, container })),
    ...pod.spec.containers.map((container) => ({ kind: 'app' as const, container })),
    ...ephemeralContainers(pod).map((container) => ({ kind: 'ephemeral' as const, container })),
  ]
}

export function findContainer(pod: Pod, name: string): DeclaredContainer | undefined {
  return declaredContainers(pod).find(({ container }) => container.name === name)
}

export function isHostNetwork(pod: Pod): boolean {
  return pod.spec.hostNetwork === true
}

/** `name_namespace(uid)`, as upstream prints pods in messages (pkg/kubelet/util/format). */
export function podText(pod: Pod): string {
  const { name, namespace, uid } = pod.metadata
  return `${name}_${namespace}(${uid})`
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/** The field of the pod that declares the container, for events about it. */
export function fieldPathOf({ kind, container }: DeclaredContainer): string {
  const list = kind === 'init' ? 'initContainers' : kind === 'app' ? 'containers' : 'ephemeralContainers'
  return `spec.${list}{${container.name}}`
}
