import type { EphemeralContainer, Pod, Secret } from '../../api/types.generated.ts'
import { containerConfig } from '../containers/container-config.ts'
import { containerEnvironment } from '../environment/environment.ts'
import { runHook } from '../hooks/run-hook.ts'
import { type ObservedContainer, newestContainer, type PodRuntime } from '../lifecycle/pod-runtime.ts'
import type { DeclaredContainer } from '../pods/containers.ts'
import { RuntimeError } from '../runtimes/runtime.ts'
import type { PodSandboxConfig } from '../runtimes/types.ts'
import { podHostname } from '../sandbox/hostname.ts'
import { type ExecutionContext, tellAbout } from './context.ts'
import { killContainer } from './kill-container.ts'
import { StartError } from './start-error.ts'

export interface StartRequest {
  readonly pod: Pod
  readonly declared: DeclaredContainer
  readonly runtime: PodRuntime
  readonly sandboxId: string
  readonly sandbox: PodSandboxConfig
  readonly podIPs: readonly string[]
  readonly secrets: readonly Secret[]
  /** References of the pod's image volumes, by volume name. */
  readonly images: ReadonlyMap<string, string>
}

const text = (error: unknown) =>
  error instanceof RuntimeError ? error.description : error instanceof Error ? error.message : String(error)

/** Image, container, start, postStart hook (upstream: startContainer). Throws a StartError. */
export async function startContainer(context: ExecutionContext, request: StartRequest): Promise<void> {
  const failed = context.metrics?.starts(request.declared)
  try {
    await start(context, request)
  } catch (error) {
    failed?.(error instanceof StartError ? error.reason : 'RunContainerError')
    throw error
  }
}

async function start(context: ExecutionContext, request: StartRequest): Promise<void> {
  const { pod, declared, sandboxId, sandbox } = request
  const { container } = declared
  const tell = tellAbout(context, pod, declared)
  const failed = (reason: ConstructorParameters<typeof StartError>[0], error: unknown) => {
    tell('Warning', 'Failed', `Error: ${text(error)}`)
    return new StartError(reason, text(error), { cause: error })
  }

  const imageRef = await ensureImage(context, request)
  const config = await describe(context, request, imageRef).catch((error: unknown) => {
    throw failed('CreateContainerConfigError', error)
  })
  const volumes = (container.volumeMounts ?? []).filter(({ name }) => request.images.has(name)).length
  const id = await context.runtime.createContainer(sandboxId, config, sandbox).catch((error: unknown) => {
    if (text(error).startsWith('ImageVolumeMountFailed')) context.metrics?.imagesMounted(volumes, false)
    throw failed('CreateContainerError', error)
  })
  context.metrics?.imagesMounted(volumes, true)
  tell('Normal', 'Created', 'Container created')
  await context.runtime.startContainer(id).catch((error: unknown) => {
    throw failed('RunContainerError', error)
  })
  tell('Normal', 'Started', 'Container started')
  await context.host.linkLog(pod, container.name, id, `${sandbox.logDirectory}/${config.logPath}`)

  const postStart = container.lifecycle?.postStart
  if (postStart === undefined) return
  const podIP = request.podIPs[0] ?? ''
  try {
    await runHook(context, { pod, container, containerId: id, podIP }, postStart, new AbortController().signal)
  } catch (error) {
    context.log.warn('postStart hook failed', { pod: pod.metadata.name, container: container.name, error })
    // Its output may hold secrets: the event does not repeat it.
    tell('Warning', 'FailedPostStartHook', 'PostStartHook failed')
    await killContainer(context, { pod, declared, container: { id }, podIP, message: 'FailedPostStartHook' })
    throw new StartError('PostStartHookError', text(error), { cause: error })
  }
}

async function ensureImage(context: ExecutionContext, request: StartRequest): Promise<string> {
  const { pod, declared, secrets, sandbox } = request
  const tell = tellAbout(context, pod, declared)
  const { image = '', imagePullPolicy: policy = 'IfNotPresent' } = declared.container
  try {
    return await context.images.ensure({ pod, image, policy, secrets, sandbox, tell })
  } catch (error) {
    if (error instanceof StartError) tell('Warning', 'Failed', `Error: ${error.reason}`)
    throw error
  }
}

async function describe(context: ExecutionContext, request: StartRequest, imageRef: string) {
  const { pod, declared, runtime, podIPs } = request
  const { container } = declared
  const { host } = context
  const image = await context.runtime.imageStatus({ image: imageRef })
  const previous = newestContainer(runtime, container.name)
  const restartCount =
    previous === undefined ? await host.restartCountFromLogs(pod, container.name) : previous.restartCount + 1
  const environment = host.fillsContainers
    ? await containerEnvironment({
        facts: context.facts(pod, podIPs),
        container,
        services: context.services(),
        objects: context.objects,
        fileValue: (volume, path, key) => host.fileValue(pod, volume, path, key),
      })
    : new Map<string, string>()
  const handler = await context.runtimeHandler(pod)
  const mounts = await host.containerMounts({
    pod,
    container,
    environment,
    podIPs,
    ...podHostname(pod, context.clusterDomain),
    images: request.images,
    recursiveReadOnly: context.recursiveReadOnly(handler),
  })
  await host.makeLogFolder(pod, container.name)
  return containerConfig({
    pod,
    container,
    restartCount,
    imageRef,
    // An image without a user is run as root.
    imageUser: image?.uid === undefined && !image?.username ? { uid: 0, username: '' } : image,
    environment,
    mounts,
    node: host.resources,
    security: { ...host.security, userMappings: request.sandbox.securityContext.namespaces.user },
    targetId: targetOf(declared, runtime)?.id,
    cdiDevices: context.devices?.cdiDevices(pod, container) ?? [],
  })
}

/** The container whose processes an ephemeral container is to see. */
function targetOf({ kind, container }: DeclaredContainer, runtime: PodRuntime): ObservedContainer | undefined {
  const target = kind === 'ephemeral' ? (container as EphemeralContainer).targetContainerName : undefined
  if (!target) return undefined
  const found = newestContainer(runtime, target)
  if (found === undefined) throw new Error(`unable to find target container ${target}`)
  return found
}
