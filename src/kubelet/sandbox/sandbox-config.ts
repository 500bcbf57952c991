import type { Container, Pod } from '../../api/types.generated.ts'
import { sandboxLabels } from '../containers/labels.ts'
import { overheadResources, sandboxResources } from '../resources/linux-resources.ts'
import type { DnsConfig, PodSandboxConfig, PortMapping, UserMappings } from '../runtimes/types.ts'
import { effectiveContext } from '../security/effective-context.ts'
import { podNamespaces, supplementalGroups } from '../security/runtime-context.ts'
import { podSysctls } from '../security/sysctls.ts'
import { declaredContainers } from '../pods/containers.ts'
import { kernelHostname } from './hostname.ts'

export interface SandboxInput {
  readonly pod: Pod
  readonly attempt: number
  readonly dns: DnsConfig
  readonly clusterDomain: string
  readonly logDirectory: string
  readonly cgroupParent: string
  readonly userMappings?: UserMappings
}

/** The pod's shell, as the runtime is to make it (upstream: kuberuntime_sandbox.go). Throws what the pod's author has to mend. */
export function sandboxConfig(input: SandboxInput): PodSandboxConfig {
  const { pod } = input
  const { name = '', uid = '', namespace = '' } = pod.metadata
  const context = pod.spec.securityContext ?? {}
  return {
    metadata: { name, uid, namespace, attempt: input.attempt },
    hostname: kernelHostname(pod, input.clusterDomain),
    logDirectory: input.logDirectory,
    dns: input.dns,
    portMappings: pod.spec.containers.flatMap(portMappings),
    labels: sandboxLabels(pod),
    annotations: pod.metadata.annotations ?? {},
    cgroupParent: input.cgroupParent,
    sysctls: podSysctls(pod),
    overhead: overheadResources(pod),
    resources: sandboxResources(pod),
    securityContext: {
      namespaces: podNamespaces(pod, input.userMappings),
      selinux: context.seLinuxOptions,
      runAsUser: context.runAsUser,
      runAsGroup: context.runAsGroup,
      supplementalGroups: supplementalGroups(pod),
      supplementalGroupsPolicy: context.supplementalGroupsPolicy === 'Strict' ? 'strict' : 'merge',
      privileged: declaredContainers(pod).some(({ container }) => effectiveContext(pod, container).privileged === true),
      // The sandbox itself needs little: the runtime's own profile, whatever the pod uses (issue 84623).
      seccomp: { type: 'runtimeDefault' },
    },
  }
}

function portMappings(container: Container): PortMapping[] {
  const named = new Map<string, PortMapping>()
  for (const { name, hostIP = '', hostPort = 0, containerPort, protocol = 'TCP' } of container.ports ?? []) {
    const family = hostIP === '' ? 'any' : hostIP.includes(':') ? 'v6' : 'v4'
    const key = name || `${family}-${protocol}-${hostIP}:${containerPort}:${hostPort}`
    // A name that comes twice counts once.
    if (!named.has(key)) named.set(key, { protocol, containerPort, hostPort, hostIp: hostIP })
  }
  return [...named.values()]
}
