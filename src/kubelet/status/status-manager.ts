import { pods } from '../../api/core/v1/pod.ts'
import type { ContainerStatus, Pod, PodStatus } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import { initContainers, isSidecar, isTerminalPhase } from '../pods/containers.ts'
import { isMirrorPod, isStaticPod } from '../pods/static-pods.ts'
import { mergeStatus, statusPatch } from './merge-status.ts'
import { illegalTransition, withTimes } from './normalize-status.ts'

/** Keeps each pod's status as last worked out, and tells the API of each change, in order (upstream: pkg/kubelet/status). */
export interface StatusManager {
  get(uid: string): PodStatus | undefined
  /** `running`: containers of it may run. Answers the status as kept. */
  set(pod: Pod, status: PodStatus, running: boolean): PodStatus
  /** Nothing of the pod is left: makes its status final and lets the API delete it when that was asked for. */
  finish(pod: Pod): void
  /** Tells the status again, to an object that may not have it. */
  tellAgain(uid: string): void
  forget(uid: string): void
  stop(): Promise<void>
}

export interface StatusManagerOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  /** The newest object of the API; undefined when it is gone. */
  readonly current: (uid: string) => Pod | undefined
  /** For static pods: the object that mirrors it. */
  readonly mirrorOf?: (uid: string) => Pod | undefined
  /** Told how long a change waited until the API had it. */
  readonly told?: (seconds: number) => void
}

interface Entry {
  pod: Pod
  status: PodStatus
  running: boolean
  finished: boolean
  dirty: boolean
  /** Since when the API does not have it (monotonic ms). */
  changedAt: number
  /** The last object that the API answered with; the watch may be behind it. */
  answered?: Pod
  writing?: Promise<void>
}

/** So long changes of a pod are gathered before they are told. */
const gatherMs = 10

const lost = {
  terminated: {
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    exitCode: 137,
  },
}

export function createStatusManager(options: StatusManagerOptions): StatusManager {
  const { client, clock, log } = options
  const entries = new Map<string, Entry>()
  const stopped = new AbortController()

  return {
    get: (uid) => entries.get(uid)?.status,
    set: (pod, status, running) => put(pod, status, running, false),
    finish(pod) {
      const status = entries.get(pod.metadata.uid ?? '')?.status ?? pod.status ?? {}
      put(pod, finalStatus(pod, status), false, true)
    },
    tellAgain(uid) {
      const entry = entries.get(uid)
      if (entry === undefined) return
      change(entry)
      write(uid, entry)
    },
    forget: (uid) => void entries.delete(uid),
    async stop() {
      stopped.abort()
      await Promise.allSettled([...entries.values()].map(async ({ writing }) => writing))
    },
  }

  function put(pod: Pod, status: PodStatus, running: boolean, finished: boolean): PodStatus {
    const uid = pod.metadata.uid ?? ''
    const entry = entries.get(uid)
    const old = entry?.status ?? options.mirrorOf?.(uid)?.status ?? pod.status ?? {}
    const illegal = illegalTransition(pod, old, status)
    if (illegal !== undefined) {
      log.error('status update aborted', { pod: pod.metadata.name, reason: illegal })
      return old
    }
    const next = withTimes(pod, status, old, clock.now())
    if (entry === undefined) {
      const fresh = { pod, status: next, running, finished, dirty: true, changedAt: clock.monotonic() }
      entries.set(uid, fresh)
      write(uid, fresh)
      return next
    }
    // A finished pod is looked at again: it may have been asked to go meanwhile.
    const changed = finished || !jsonEqual(entry.status, next) || running !== entry.running
    Object.assign(entry, { pod, status: next, running, finished: entry.finished || finished })
    if (changed) {
      change(entry)
      write(uid, entry)
    }
    return next
  }

  function change(entry: Entry): void {
    if (!entry.dirty) entry.changedAt = clock.monotonic()
    entry.dirty = true
  }

  /** One writer per pod; what changes meanwhile goes out after. */
  function write(uid: string, entry: Entry): void {
    entry.writing ??= (async () => {
      // Changes of the same moment go out as one; an end waits for nobody.
      if (!entry.finished) await sleep(clock, gatherMs, stopped.signal).catch(() => {})
      for (let failures = 0; entry.dirty && entries.get(uid) === entry && !stopped.signal.aborted; ) {
        entry.dirty = false
        try {
          const { changedAt } = entry
          await tell(uid, entry)
          options.told?.((clock.monotonic() - changedAt) / 1000)
          failures = 0
        } catch (error) {
          if (isReason(error, 'NotFound') || isReason(error, 'Conflict')) break
          log.warn('status could not be written', { pod: entry.pod.metadata.name, error })
          entry.dirty = true
          await sleep(clock, Math.min(10_000, 200 * 2 ** failures++), stopped.signal).catch(() => {})
        }
      }
      entry.writing = undefined
      if (entry.dirty && entries.get(uid) === entry && !stopped.signal.aborted) write(uid, entry)
    })()
  }

  async function tell(uid: string, entry: Entry): Promise<void> {
    const watched = options.mirrorOf?.(uid) ?? options.current(uid)
    if (watched === undefined) return
    const api = newer(entry.answered, watched)
    const { name = '', namespace } = api.metadata
    const key = { namespace, name }
    const patch = statusPatch(
      api.metadata.uid ?? '',
      api.status ?? {},
      mergeStatus(api.status ?? {}, entry.status, entry.running),
    )
    if (patch !== undefined) {
      entry.answered = await client.patch(pods, key, 'strategic', patch, { subresource: 'status' })
    }
    const now = newer(entry.answered, watched)
    if (
      !entry.finished ||
      isMirrorPod(now) ||
      now.metadata.deletionTimestamp == null ||
      !isTerminalPhase(now.status?.phase)
    )
      return
    await client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid: now.metadata.uid } })
  }
}

/** Versions count up within one server; what is not a number is taken as it comes. */
function newer(answered: Pod | undefined, watched: Pod): Pod {
  if (answered === undefined || answered.metadata.uid !== watched.metadata.uid) return watched
  return Number(answered.metadata.resourceVersion) > Number(watched.metadata.resourceVersion) ? answered : watched
}

/** A pod that has ended has no container whose end is not told (upstream: TerminatePod). */
function finalStatus(pod: Pod, status: PodStatus): PodStatus {
  const end = (list: readonly ContainerStatus[] | undefined) =>
    list?.map((one) => (one.state?.terminated === undefined ? { ...one, state: lost } : one))
  const started = startedInit(status.initContainerStatuses ?? [])
  return {
    ...status,
    ...(hasInitialized(pod, status) && { containerStatuses: end(status.containerStatuses) }),
    ...(status.initContainerStatuses && {
      initContainerStatuses: [
        ...(end(status.initContainerStatuses.slice(0, started)) ?? []),
        ...status.initContainerStatuses.slice(started),
      ],
    }),
    phase: isStaticPod(pod) || isTerminalPhase(status.phase) ? status.phase : 'Failed',
  }
}

/** How many init containers have started, by what is known of the last of them. */
function startedInit(statuses: readonly ContainerStatus[]): number {
  const last = statuses.findLastIndex(({ state, lastState }) => !state?.waiting || lastState?.terminated !== undefined)
  return last >= 0 ? last + 1 : Math.min(1, statuses.length)
}

function hasInitialized(pod: Pod, status: PodStatus): boolean {
  const init = initContainers(pod)
  if (init.length === 0) return true
  if (
    status.containerStatuses?.some(({ state, lastState }) => lastState?.terminated !== undefined || !state?.waiting)
  ) {
    return true
  }
  const last = status.initContainerStatuses?.at(-1)
  const container = init.at(-1)
  if (last === undefined || container === undefined) return false
  if (isSidecar(container)) return last.state?.running !== undefined && last.started === true
  return last.state?.terminated?.exitCode === 0 || last.lastState?.terminated?.exitCode === 0
}
