import type { Pod } from '../../api/types.generated.ts'
import type { PodSandboxConfig } from '../runtimes/types.ts'
import { podDns } from '../sandbox/dns.ts'
import { sandboxConfig } from '../sandbox/sandbox-config.ts'
import type { ExecutionContext } from './context.ts'

/** The pod's sandbox as the runtime is to make it; `tell`: whether to warn the author about what had to be cut. */
export async function describeSandbox(
  context: ExecutionContext,
  pod: Pod,
  attempt: number,
  tell: boolean,
): Promise<PodSandboxConfig> {
  const { clusterDNS, clusterDomain, host } = context
  const dns = podDns(pod, { clusterDNS, clusterDomain, resolvConf: await host.resolvConf() })
  if (tell) for (const { reason, message } of dns.warnings) context.events.event(pod, 'Warning', reason, message)
  return sandboxConfig({
    pod,
    attempt,
    dns: dns.config,
    clusterDomain,
    logDirectory: host.logDirectory(pod),
    cgroupParent: host.cgroupParent(pod),
    userMappings: await context.userMappings(pod),
  })
}

/** Makes the pod's sandbox; what fails is told as an event. Answers its id, and its configuration for the containers in it. */
export async function createSandbox(
  context: ExecutionContext,
  pod: Pod,
  attempt: number,
): Promise<{ readonly id: string; readonly config: PodSandboxConfig }> {
  try {
    const config = await describeSandbox(context, pod, attempt, true)
    await context.host.makeLogFolder(pod, '')
    const handler = await context.runtimeHandler(pod)
    const make = () => context.runtime.runPodSandbox(config, handler)
    const id = await (context.metrics?.sandbox(pod, handler, make) ?? make())
    return { id, config }
  } catch (error) {
    const { message } = error as Error
    context.events.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`)
    throw error
  }
}
