import type { Container, Pod } from '../../api/types.generated.ts'
import { type ContainerKind, ephemeralContainers, initContainers, podText } from '../pods/containers.ts'
import { containerHash } from './container-hash.ts'
import { goDuration } from './go-duration.ts'
import type { KillReason, PlanDraft } from './plan-draft.ts'
import type { PlanInput } from './plan-input.ts'
import { planInitContainers } from './plan-init-containers.ts'
import { anyRegularCreated, newestContainer, type PodRuntime } from './pod-runtime.ts'
import { restartAction, restartsWhenKilled, shouldStart } from './restart-rules.ts'
import { sandboxChange } from './sandbox-changed.ts'

export type Step =
  /** Stops all containers and sandboxes. */
  | { readonly do: 'killPod' }
  | {
      readonly do: 'killContainer'
      readonly id: string
      readonly name: string
      readonly message: string
      readonly reason: KillReason
    }
  /** Kills at once if it runs, then removes: all containers of the pod start anew. */
  | { readonly do: 'resetContainer'; readonly id: string; readonly name: string; readonly kill: boolean }
  | { readonly do: 'removeContainer'; readonly id: string; readonly name: string }
  /** `replaces`: the sandbox that was there and cannot be used any more. */
  | { readonly do: 'createSandbox'; readonly attempt: number; readonly replaces?: string }
  | { readonly do: 'resize'; readonly names: readonly string[] }
  | StartStep
  /** The container waits for its turn after crashes. */
  | {
      readonly do: 'wait'
      readonly kind: ContainerKind
      readonly name: string
      readonly message: string
      readonly until: number
    }

export interface StartStep {
  readonly do: 'start'
  readonly kind: ContainerKind
  readonly container: Container
  /** The end of its last run (epoch ms), when it had one: the start counts for the back-off. */
  readonly endedAt?: number
  /** When this fails, what comes after it is not tried. */
  readonly required: boolean
}

/**
 * What to do now so that the runtime has what the pod asks for, in order (upstream: kuberuntime_manager.go,
 * computePodActions and SyncPod). Empty: nothing. Pure: the same input gives the same steps.
 */
export function planPod(input: PlanInput): readonly Step[] {
  const { pod, runtime } = input
  const change = sandboxChange(pod, runtime)
  if (input.restartAll) return planReset(input)
  if (change.needed) return planSandbox(input, change.attempt, change.sandboxId)

  const draft: PlanDraft = { killPod: false, kill: [], startInit: [], startApp: [], resize: [] }
  const startEphemeral = ephemeralContainers(pod).filter(({ name }) => !newestContainer(runtime, name))
  const initialized = planInitContainers(input, draft)
  if (!draft.killPod && initialized) planAppContainers(input, draft)

  if (draft.killPod) return [{ do: 'killPod' }, ...prune(input)]
  return [
    ...draft.kill.map((kill) => ({ do: 'killContainer' as const, ...kill })),
    ...prune(input),
    ...(draft.resize.length > 0 ? [{ do: 'resize' as const, names: draft.resize }] : []),
    ...startEphemeral.map((container) => startStep(input, 'ephemeral', container)),
    ...draft.startInit.map((index) => startStep(input, 'init', initContainers(pod)[index]!)),
    ...draft.startApp.map((index) => startStep(input, 'app', pod.spec.containers[index]!)),
  ]
}

function planSandbox(input: PlanInput, attempt: number, replaces: string | undefined): readonly Step[] {
  const { pod, runtime } = input
  const end: Step[] = [{ do: 'killPod' }, ...prune(input)]
  // A pod that never restarts and has run containers is over: no new sandbox is made for it.
  if (pod.spec.restartPolicy === 'Never' && attempt !== 0 && runtime.containers.length > 0) return end
  const toStart = pod.spec.containers.filter((container) => !ranOnce(pod, container, runtime))
  if (toStart.length === 0 && anyRegularCreated(pod, runtime)) return end

  const names = new Set(initContainers(pod).map(({ name }) => name))
  const purge = runtime.containers.filter(({ name }) => names.has(name))
  const first = initContainers(pod)[0]
  return [
    ...(replaces === undefined && runtime.sandboxes.length === 0 ? [] : [{ do: 'killPod' as const }]),
    ...purge.map(({ id, name }) => ({ do: 'removeContainer' as const, id, name })),
    { do: 'createSandbox', attempt, replaces },
    ...(first !== undefined
      ? [startStep(input, 'init', first)]
      : toStart.map((container) => startStep(input, 'app', container))),
  ]
}

/** It succeeded and is to run only until it does. */
function ranOnce(pod: Pod, container: Container, runtime: PodRuntime): boolean {
  if ((container.restartPolicy ?? pod.spec.restartPolicy) !== 'OnFailure') return false
  const newest = newestContainer(runtime, container.name)
  return newest?.state === 'exited' && newest.exitCode === 0
}

function planAppContainers(input: PlanInput, draft: PlanDraft): void {
  const { pod, runtime } = input
  let kept = 0
  pod.spec.containers.forEach((container, index) => {
    const { name } = container
    const newest = newestContainer(runtime, name)
    if (newest?.state !== 'running') {
      if (!shouldStart(pod, container, runtime)) return
      draft.startApp.push(index)
      if (newest?.state === 'unknown') {
        const message = 'Container is in "unknown" state, try killing it before restart'
        draft.kill.push({ id: newest.id, name, message, reason: 'other' })
      }
      return
    }
    const changed = newest.hash !== containerHash(container)
    const why = changed ? 'changed' : failedProbe(input, newest.id)
    if (why === undefined) {
      const decision = input.resize(container, newest)
      if (decision === 'restart') {
        draft.kill.push({ id: newest.id, name, message: `Container ${name} resize requires restart`, reason: 'other' })
        draft.startApp.push(index)
        return
      }
      if (decision === 'update') draft.resize.push(name)
      kept++
      return
    }
    const restart = changed || restartsWhenKilled(pod, container)
    const text = {
      changed: 'definition changed',
      livenessProbe: 'failed liveness probe',
      startupProbe: 'failed startup probe',
    }
    const message = `Container ${name} ${text[why]}${restart ? ', will be restarted' : ''}`
    draft.kill.push({ id: newest.id, name, message, reason: why === 'changed' ? 'other' : why })
    if (restart) draft.startApp.push(index)
  })
  // Nothing runs and nothing is to run: sidecars do not keep the pod alive.
  if (kept === 0 && draft.startApp.length === 0) draft.killPod = true
}

export function failedProbe(input: PlanInput, containerId: string): 'livenessProbe' | 'startupProbe' | undefined {
  if (input.liveness(containerId) === 'failure') return 'livenessProbe'
  return input.startup(containerId) === 'failure' ? 'startupProbe' : undefined
}

/** All containers go, those last whose end asked for it (KEP-5532). */
function planReset({ pod, runtime }: PlanInput): readonly Step[] {
  const of = (containers: readonly Container[]) => {
    const found = containers.flatMap((container) =>
      runtime.containers
        .filter(({ name }) => name === container.name)
        .map((observed) => ({
          source: observed.state === 'exited' && restartAction(container, observed.exitCode) === 'RestartAllContainers',
          step: {
            do: 'resetContainer' as const,
            id: observed.id,
            name: observed.name,
            kill: observed.state !== 'exited',
          },
        })),
    )
    const steps = (source: boolean) => found.filter((entry) => entry.source === source).map(({ step }) => step)
    return { sources: steps(true), targets: steps(false) }
  }
  const init = of(initContainers(pod))
  const app = of(pod.spec.containers)
  return [...app.targets, ...init.targets, ...app.sources, ...init.sources]
}

/** Of each ended init container only the newest run is kept. */
function prune({ pod, runtime }: PlanInput): Step[] {
  return initContainers(pod).flatMap(({ name }) =>
    runtime.containers
      .filter((observed) => observed.name === name && (observed.state === 'exited' || observed.state === 'unknown'))
      .slice(1)
      .map(({ id }) => ({ do: 'removeContainer' as const, id, name })),
  )
}

function startStep({ pod, runtime, backOff }: PlanInput, kind: ContainerKind, container: Container): Step {
  const { name } = container
  const ended = runtime.containers.find((observed) => observed.name === name && observed.state === 'exited')
  if (ended !== undefined) {
    const key = backOffKey(pod, container)
    const until = backOff.waitUntil(key, ended.finishedAt)
    if (until !== undefined) {
      const message = `back-off ${goDuration(backOff.delayMs(key))} restarting failed container=${name} pod=${podText(pod)}`
      return { do: 'wait', kind, name, message, until }
    }
  }
  const required = kind === 'init' && container.restartPolicy !== 'Always'
  return { do: 'start', kind, container, endedAt: ended?.finishedAt, required }
}

/** Whatever resets the back-off when it changes. */
export function backOffKey(pod: Pod, container: Container): string {
  const { name, namespace, uid } = pod.metadata
  return JSON.stringify([name, namespace, uid, container.name, container.image, container.resources])
}
