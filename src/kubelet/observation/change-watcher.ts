import { type Clock, sleep } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { labelNames } from '../containers/labels.ts'
import type { RelistMetrics } from './relist-metrics.ts'
import { isRuntimeError, type Runtime } from '../runtimes/runtime.ts'
import type { Container, PodSandbox } from '../runtimes/types.ts'

/**
 * Notices when something of a pod changes in the runtime (upstream: pkg/kubelet/pleg). Where the runtime tells events,
 * lists are compared only now and then, in case one was missed; else every second.
 */
export interface ChangeWatcher {
  start(): void
  stop(): Promise<void>
  /** When the runtime last answered a list (epoch ms). */
  readonly lastListAt: number
}

const listMs = 1000
/** With events only every so many turns. */
const turnsWithEvents = 30

export function createChangeWatcher(options: {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly log: Logger
  readonly onChange: (podUid: string) => void
  readonly metrics?: RelistMetrics
}): ChangeWatcher {
  const { runtime, clock, log, onChange, metrics } = options
  const stopped = new AbortController()
  let known = new Map<string, string>()
  let events = false
  let lastListAt = 0
  let running: Promise<unknown> = Promise.resolve()

  const list = async () => {
    const ask = () => Promise.all([runtime.listPodSandboxes(), runtime.listContainers()])
    const [sandboxes, containers] = await (metrics?.list(ask) ?? ask())
    const seen = states(sandboxes, containers)
    lastListAt = clock.now()
    for (const uid of new Set([...known.keys(), ...seen.keys()])) if (known.get(uid) !== seen.get(uid)) onChange(uid)
    known = seen
  }
  const listAgain = async () => {
    for (let turn = 0; !stopped.signal.aborted; turn++) {
      if (!events || turn % turnsWithEvents === 0) {
        await list().catch((error: unknown) => {
          if (!stopped.signal.aborted) log.warn('runtime cannot be listed', { error })
        })
      }
      await sleep(clock, listMs, stopped.signal).catch(() => {})
    }
  }
  const follow = async () => {
    while (!stopped.signal.aborted) {
      try {
        for await (const { podUid, containerId } of runtime.events(stopped.signal)) {
          // A runtime shows that it has events by the first one.
          events = true
          const uid = podUid || (await uidOf(runtime, containerId))
          if (uid !== '') onChange(uid)
        }
      } catch (error) {
        events = false
        if (isRuntimeError(error, 'unimplemented')) return
        if (!stopped.signal.aborted) log.debug('events of the runtime ended', { error })
      }
      events = false
      await sleep(clock, 1000, stopped.signal).catch(() => {})
    }
  }

  return {
    get lastListAt() {
      return lastListAt
    },
    start() {
      running = Promise.all([follow(), listAgain()])
    },
    async stop() {
      stopped.abort()
      await running
    },
  }
}

async function uidOf(runtime: Runtime, containerId: string): Promise<string> {
  const [container] = await runtime.listContainers({ id: containerId }).catch(() => [])
  return container?.labels[labelNames.podUid] ?? ''
}

/** One text per pod that differs whenever the state of something in it does. */
function states(sandboxes: readonly PodSandbox[], containers: readonly Container[]): Map<string, string> {
  const parts = new Map<string, string[]>()
  const add = (uid: string, part: string) => {
    const list = parts.get(uid)
    if (list === undefined) parts.set(uid, [part])
    else list.push(part)
  }
  for (const { id, state, metadata } of sandboxes) add(metadata.uid, `${id}=${state}`)
  for (const { id, state, labels } of containers) add(labels[labelNames.podUid] ?? '', `${id}=${state}`)
  return new Map([...parts].map(([uid, list]) => [uid, list.sort().join(' ')]))
}
