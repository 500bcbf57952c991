import type { Container, Pod, Secret } from '../../api/types.generated.ts'
import { backOffKey, type StartStep, type Step } from '../lifecycle/plan.ts'
import { activeSandbox, type PodRuntime } from '../lifecycle/pod-runtime.ts'
import { declaredContainers, findContainer, podText } from '../pods/containers.ts'
import type { PodSandboxConfig } from '../runtimes/types.ts'
import { type ExecutionContext, tellAbout } from './context.ts'
import { createSandbox, describeSandbox } from './create-sandbox.ts'
import { killContainer } from './kill-container.ts'
import { killPod } from './kill-pod.ts'
import { startContainer } from './start-container.ts'
import { StartError } from './start-error.ts'

/** Why containers are not running, as their waiting state says it. */
export interface WaitingReason {
  readonly reason: string
  readonly message: string
}

export interface Execution {
  /** By container name; undefined: it was started, what was known is over. */
  readonly reasons: ReadonlyMap<string, WaitingReason | undefined>
  /** Something was done to the runtime: look again. */
  readonly acted: boolean
  /** When to try again at the latest (epoch ms), for what waits. */
  readonly retryAt?: number
  /** Something failed that no retryAt stands for. */
  readonly failure?: unknown
}

export interface ExecuteRequest {
  readonly pod: Pod
  readonly runtime: PodRuntime
  readonly steps: readonly Step[]
  /** Applies new resources to running containers of these names. */
  readonly resize: (names: readonly string[]) => Promise<void>
  /** A container was made. */
  readonly started: (container: Container) => void
  /** The sandbox and its network are there. */
  readonly sandboxReady: (podIPs: readonly string[]) => Promise<void>
  /** The pod is to end: start nothing more. */
  readonly signal: AbortSignal
}

const afterPullMs = 2000

/** Carries out a plan, step by step (upstream: kuberuntime_manager.go, SyncPod). Never throws. */
export async function execute(context: ExecutionContext, request: ExecuteRequest): Promise<Execution> {
  return new Run(context, request).all()
}

class Run {
  readonly #context: ExecutionContext
  readonly #request: ExecuteRequest
  readonly #reasons = new Map<string, WaitingReason | undefined>()
  #acted = false
  #retryAt: number | undefined
  #sandbox: { id: string; config: PodSandboxConfig } | undefined
  #podIPs: readonly string[]
  #secrets: Promise<readonly Secret[]> | undefined
  #images: Promise<ImageVolumes> | undefined

  constructor(context: ExecutionContext, request: ExecuteRequest) {
    this.#context = context
    this.#request = request
    this.#podIPs = request.runtime.ips
  }

  async all(): Promise<Execution> {
    let failure: unknown
    try {
      for (const step of this.#request.steps) {
        if (this.#request.signal.aborted) break
        if ((await this.#step(step)) === 'stop') break
      }
    } catch (error) {
      failure = error
    }
    return { reasons: this.#reasons, acted: this.#acted, retryAt: this.#retryAt, failure }
  }

  async #step(step: Step): Promise<'go' | 'stop'> {
    const { pod, runtime } = this.#request
    const context = this.#context
    if (step.do === 'wait') return this.#wait(step)
    this.#acted = true
    switch (step.do) {
      case 'killPod':
        await killPod(context, { pod, runtime })
        return 'go'
      case 'killContainer': {
        const declared = findContainer(pod, step.name)
        if (declared === undefined) return 'go'
        const { message, reason } = step
        await killContainer(context, { pod, declared, container: step, podIP: this.#podIPs[0] ?? '', message, reason })
        return 'go'
      }
      case 'resetContainer':
        if (step.kill) await context.runtime.stopContainer(step.id, 0)
        await context.runtime.removeContainer(step.id)
        return 'go'
      case 'removeContainer':
        await context.runtime.removeContainer(step.id)
        return 'go'
      case 'createSandbox':
        await this.#createSandbox(step.attempt, step.replaces)
        return 'go'
      case 'resize':
        await this.#request.resize(step.names)
        return 'go'
      case 'start':
        return this.#start(step)
    }
  }

  async #createSandbox(attempt: number, replaces: string | undefined): Promise<void> {
    const { pod } = this.#request
    const context = this.#context
    if (replaces !== undefined) {
      const message = 'Pod sandbox changed, it will be killed and re-created.'
      context.events.event(pod, 'Normal', 'SandboxChanged', message)
    }
    await context.devices?.prepare(pod).catch((error: unknown) => {
      const message = `Failed to prepare dynamic resources: ${(error as Error).message}`
      context.events.event(pod, 'Warning', 'FailedPrepareDynamicResources', message)
      throw error
    })
    this.#sandbox = await createSandbox(context, pod, attempt)
    const status = await context.runtime.podSandboxStatus(this.#sandbox.id)
    if (!pod.spec.hostNetwork) this.#podIPs = status.ips
    await this.#request.sandboxReady(this.#podIPs)
  }

  async #start(step: StartStep): Promise<'go' | 'stop'> {
    const { pod, runtime } = this.#request
    const context = this.#context
    const { container, kind } = step
    if (step.endedAt !== undefined) context.crashBackOff.next(backOffKey(pod, container), step.endedAt)
    const sandbox = await this.#existingSandbox()
    this.#secrets ??= context.pullSecrets(pod)
    const secrets = await this.#secrets
    this.#images ??= imageVolumes(context, pod, sandbox.config, secrets)
    const images = await this.#images
    try {
      const broken = container.volumeMounts?.find(({ name }) => images.failures.has(name))
      if (broken !== undefined) throw images.failures.get(broken.name)
      await startContainer(context, {
        pod,
        declared: { kind, container },
        runtime,
        sandboxId: sandbox.id,
        sandbox: sandbox.config,
        podIPs: this.#podIPs,
        secrets,
        images: images.references,
      })
      this.#request.started(container)
      this.#reasons.set(container.name, undefined)
      return 'go'
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      const { reason, message } = error
      this.#reasons.set(container.name, { reason, message })
      // Soon after a failed pull the container is said to wait for the next one.
      const pulled = reason === 'ErrImagePull' || reason === 'RegistryUnavailable'
      this.#tryAgain(pulled ? context.clock.now() + afterPullMs : context.images.retryAt(pod, container.image ?? ''))
      return step.required ? 'stop' : 'go'
    }
  }

  #wait(step: Step & { do: 'wait' }): 'go' | 'stop' {
    const { pod } = this.#request
    const declared = findContainer(pod, step.name)
    if (declared !== undefined) {
      const message = `Back-off restarting failed container ${step.name} in pod ${podText(pod)}`
      tellAbout(this.#context, pod, declared)('Warning', 'BackOff', message)
    }
    this.#reasons.set(step.name, { reason: 'CrashLoopBackOff', message: step.message })
    this.#tryAgain(step.until)
    return step.kind === 'init' && declared?.container.restartPolicy !== 'Always' ? 'stop' : 'go'
  }

  #tryAgain(at: number | undefined): void {
    const now = this.#context.clock.now()
    const when = at ?? now + 10_000
    this.#retryAt = this.#retryAt === undefined ? when : Math.min(this.#retryAt, when)
  }

  async #existingSandbox(): Promise<{ id: string; config: PodSandboxConfig }> {
    if (this.#sandbox === undefined) {
      const active = activeSandbox(this.#request.runtime)
      if (active === undefined) throw new Error('the pod has no sandbox')
      const config = await describeSandbox(this.#context, this.#request.pod, active.attempt, false)
      this.#sandbox = { id: active.id, config }
    }
    return this.#sandbox
  }
}

interface ImageVolumes {
  readonly references: ReadonlyMap<string, string>
  readonly failures: ReadonlyMap<string, StartError>
}

/** Images that are mounted as volumes are pulled before any container starts (KEP-4639). */
async function imageVolumes(
  context: ExecutionContext,
  pod: Pod,
  sandbox: PodSandboxConfig,
  secrets: readonly Secret[],
): Promise<ImageVolumes> {
  const references = new Map<string, string>()
  const failures = new Map<string, StartError>()
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (image === undefined) continue
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      context.events.event(pod, type, reason, message)
    context.metrics?.imageVolumeAsked()
    const policy = (image.pullPolicy ?? 'IfNotPresent') as 'Always' | 'IfNotPresent' | 'Never'
    try {
      references.set(
        name,
        await context.images.ensure({ pod, image: image.reference ?? '', policy, secrets, sandbox, tell }),
      )
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      failures.set(name, error)
      for (const declared of declaredContainers(pod)) {
        if (!declared.container.volumeMounts?.some((mount) => mount.name === name)) continue
        tellAbout(context, pod, declared)('Warning', 'Failed', `Error: ${error.reason}`)
      }
    }
  }
  return { references, failures }
}
