import type { AppArmorProfile, Container, Pod, SeccompProfile } from '../../api/types.generated.ts'
import type { ContainerSecurityContext, NamespaceOptions, SecurityProfile, UserMappings } from '../runtimes/types.ts'
import { effectiveContext, type ImageUser } from './effective-context.ts'

const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export interface SecurityOptions {
  /** Where `localhost` seccomp profiles are: below the kubelet's folder. */
  readonly seccompRoot: string
  /** More paths to hide, such as each processor's thermal_throttle. */
  readonly hiddenPaths: readonly string[]
  /** A range of user ids of the pod's own, when it does not use the node's. */
  readonly userMappings?: UserMappings
}

export function podNamespaces(pod: Pod, userMappings?: UserMappings): NamespaceOptions {
  const { spec } = pod
  return {
    network: spec.hostNetwork ? 'node' : 'pod',
    ipc: spec.hostIPC ? 'node' : 'pod',
    pid: spec.hostPID ? 'node' : spec.shareProcessNamespace ? 'pod' : 'container',
    user: userMappings && { mode: 'pod', uids: userMappings.uids, gids: userMappings.gids },
  }
}

/** Groups that the processes of a pod are in beside their primary one. */
export function supplementalGroups(pod: Pod): number[] {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec.securityContext ?? {}
  return fsGroup === undefined ? [...groups] : [fsGroup, ...groups]
}

/** What the runtime is told about a container's rights (upstream: kuberuntime/security_context.go). */
export function containerSecurity(
  pod: Pod,
  container: Container,
  image: ImageUser,
  options: SecurityOptions,
): ContainerSecurityContext {
  const context = effectiveContext(pod, container)
  const unmasked = context.procMount === 'Unmasked'
  return {
    capabilities: context.capabilities && {
      add: context.capabilities.add ?? [],
      drop: context.capabilities.drop ?? [],
    },
    privileged: context.privileged ?? false,
    namespaces: podNamespaces(pod, options.userMappings),
    selinux: context.seLinuxOptions,
    runAsUser: context.runAsUser ?? image.uid,
    runAsGroup: context.runAsGroup,
    runAsUsername: context.runAsUser === undefined ? image.username : '',
    readonlyRootfs: context.readOnlyRootFilesystem ?? false,
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: pod.spec.securityContext?.supplementalGroupsPolicy === 'Strict' ? 'strict' : 'merge',
    noNewPrivs: context.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : [...maskedPaths, ...options.hiddenPaths],
    readonlyPaths: unmasked ? [] : readonlyPaths,
    seccomp: seccompProfile(context.seccompProfile, options.seccompRoot),
    apparmor: apparmorProfile(pod, container, context.appArmorProfile),
  }
}

function seccompProfile(profile: SeccompProfile | undefined, root: string): SecurityProfile {
  if (profile?.type === 'RuntimeDefault') return { type: 'runtimeDefault' }
  if (profile?.type !== 'Localhost') return { type: 'unconfined' }
  // An empty name would be the folder itself (CVE-2023-2431).
  if (!profile.localhostProfile) throw new Error('localhostProfile must be set if seccompProfile type is Localhost.')
  return { type: 'localhost', localhostRef: `${root}/${profile.localhostProfile}` }
}

const apparmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/'

function apparmorProfile(pod: Pod, container: Container, profile: AppArmorProfile | undefined) {
  const asked = profile ?? fromAnnotation(pod.metadata.annotations?.[apparmorAnnotation + container.name])
  switch (asked?.type) {
    case 'RuntimeDefault':
      return { type: 'runtimeDefault' } as const
    case 'Unconfined':
      return { type: 'unconfined' } as const
    case 'Localhost':
      if (!asked.localhostProfile) throw new Error('missing localhost apparmor profile name')
      return { type: 'localhost', localhostRef: asked.localhostProfile } as const
    default:
      return undefined
  }
}

function fromAnnotation(value: string | undefined): AppArmorProfile | undefined {
  if (value === undefined) return undefined
  if (value === 'runtime/default') return { type: 'RuntimeDefault' }
  if (value === 'unconfined') return { type: 'Unconfined' }
  return { type: 'Localhost', localhostProfile: value.replace(/^localhost\//, '') }
}
