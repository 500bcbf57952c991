import type { Container, Pod } from '../../api/types.generated.ts'
import { expand } from '../environment/expansion.ts'
import { containerResources, type NodeResources } from '../resources/linux-resources.ts'
import type { ContainerConfig, Mount, UserMappings } from '../runtimes/types.ts'
import { type ImageUser, verifyRunAsNonRoot } from '../security/effective-context.ts'
import { containerSecurity, type SecurityOptions } from '../security/runtime-context.ts'
import { containerAnnotations, containerLabels } from './labels.ts'

export interface ContainerInput {
  readonly pod: Pod
  readonly container: Container
  readonly restartCount: number
  /** What the runtime calls the image that is there. */
  readonly imageRef: string
  readonly imageUser: ImageUser
  readonly environment: ReadonlyMap<string, string>
  readonly mounts: readonly Mount[]
  readonly node: NodeResources
  readonly security: SecurityOptions
  /** The container whose process namespace an ephemeral container joins. */
  readonly targetId?: string
  /** Devices that drivers have prepared, as the runtime knows them. */
  readonly cdiDevices?: readonly string[]
}

/** A container as the runtime is to make it (upstream: generateContainerConfig). Throws what the pod's author has to mend. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, restartCount, environment } = input
  verifyRunAsNonRoot(pod, container, input.imageUser)
  const security = containerSecurity(pod, container, input.imageUser, input.security)
  const target = input.targetId
  const joined = target !== undefined && security.namespaces.pid === 'container'
  const resolve = (text: string) => expand(text, (name) => environment.get(name))
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: input.imageRef, userSpecifiedImage: container.image },
    command: (container.command ?? []).map(resolve),
    args: (container.args ?? []).map(resolve),
    workingDir: container.workingDir ?? '',
    env: [...environment].map(([name, value]) => ({ name, value })),
    mounts: mapped(input.mounts, input.security.userMappings),
    devices: [],
    ...(input.cdiDevices?.length && { cdiDevices: input.cdiDevices }),
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, restartCount),
    logPath: containerLogPath(container.name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: containerResources(pod, container, input.node),
    securityContext: joined
      ? { ...security, namespaces: { ...security.namespaces, pid: 'target', targetId: target } }
      : security,
    stopSignal: container.lifecycle?.stopSignal?.replace('+', 'PLUS').replace('-', 'MINUS'),
  }
}

/** Below the pod's log folder. */
export function containerLogPath(containerName: string, restartCount: number): string {
  return `${containerName}/${restartCount}.log`
}

/** Files of the node belong to the same ids within the pod as outside. */
function mapped(mounts: readonly Mount[], own: UserMappings | undefined): readonly Mount[] {
  if (own === undefined) return mounts
  return mounts.map((mount) => ({ ...mount, uidMappings: own.uids, gidMappings: own.gids }))
}
