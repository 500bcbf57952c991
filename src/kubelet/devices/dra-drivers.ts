import { resourceSlices } from '../../api/resource/v1/resource-slice.ts'
import type { Client } from '../../client/client.ts'
import { type Clock, sleep } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { type Channel, openChannel } from '../runtimes/cri/channel.ts'
import { prepareMethod, unprepareMethod } from './messages.ts'
import type { PluginHandler, PluginInfo } from './plugin-watcher.ts'

const services = ['v1.DRAPlugin', 'v1beta1.DRAPlugin']
const deadlineSeconds = 45
/** A driver that is replaced is back by then. */
const wipeDelayMs = 30_000
const firstRetryMs = 1000
const longestRetryMs = 300_000

/** A claim as drivers are told of it. */
export interface DriverClaim {
  readonly namespace: string
  readonly uid: string
  readonly name: string
}

/** A driver that serves on this node. Each call rejects where the driver fails as a whole. */
export interface DraDriver {
  prepare(claims: readonly DriverClaim[]): Promise<readonly PreparedClaim[]>
  unprepare(claims: readonly DriverClaim[]): Promise<readonly { readonly uid: string; readonly error: string }[]>
}
export interface PreparedClaim {
  readonly uid: string
  /** '': none. */
  readonly error: string
  readonly devices: readonly {
    readonly requestNames: readonly string[]
    readonly poolName: string
    readonly deviceName: string
    readonly cdiDeviceIds: readonly string[]
    readonly shareId: string
  }[]
}

interface Instance {
  readonly endpoint: string
  readonly version: string
  readonly channel: Channel
}

/**
 * The drivers of devices on a node, by name; of several instances (a rolling update) the newest is asked. The slices of
 * those that stay away are deleted, so that no pod is sent here for them (pkg/kubelet/cm/dra/plugin).
 */
export class DraDrivers implements PluginHandler {
  readonly #client: Client
  readonly #nodeName: string
  readonly #isNodeKnown: () => boolean
  readonly #clock: Clock
  readonly #log: Logger
  readonly #signal: AbortSignal
  readonly #instances = new Map<string, Instance[]>()

  constructor(options: {
    readonly client: Client
    readonly nodeName: string
    readonly isNodeKnown: () => boolean
    readonly clock: Clock
    readonly log: Logger
    readonly signal: AbortSignal
  }) {
    this.#client = options.client
    this.#nodeName = options.nodeName
    this.#isNodeKnown = options.isNodeKnown
    this.#clock = options.clock
    this.#log = options.log
    this.#signal = options.signal
  }

  /** Deletes what drivers published before this kubelet came: those that are there do it again. */
  async start(): Promise<void> {
    await this.#wipe('')
  }

  register({ name, endpoint, versions }: PluginInfo): void {
    if (versions.length === 0) throw new Error('empty list of supported gRPC services (aka supported versions)')
    const service = versions.find((version) => services.includes(version))
    const quoted = (names: readonly string[]) => `[${names.map((each) => JSON.stringify(each)).join(' ')}]`
    if (service === undefined) {
      const why = `none of services supported by the plugin (${quoted(versions)}) are supported by the kubelet (${quoted(services)})`
      throw new Error(`invalid supported gRPC versions of DRA driver plugin ${name} at endpoint ${endpoint}: ${why}`)
    }
    const instances = this.#instances.get(name) ?? []
    if (instances.some((each) => each.endpoint === endpoint))
      throw new Error(`endpoint ${endpoint} already registered for DRA driver plugin ${name}`)
    const instance = { endpoint, version: service.split('.')[0]!, channel: openChannel(endpoint) }
    this.#instances.set(name, [...instances, instance])
  }

  deregister({ name, endpoint }: PluginInfo): void {
    const instances = this.#instances.get(name) ?? []
    const left = instances.filter((each) => each.endpoint !== endpoint)
    for (const each of instances) if (!left.includes(each)) each.channel.close()
    if (left.length > 0) this.#instances.set(name, left)
    else {
      this.#instances.delete(name)
      void this.#wipeUnlessBack(name)
    }
  }

  /** Throws where there is none. */
  get(name: string): DraDriver {
    const instance = this.#instances.get(name)?.at(-1)
    if (instance === undefined) throw new Error(`DRA driver ${name} is not registered`)
    const { channel, version } = instance
    return {
      async prepare(claims) {
        const answer = await channel.call(prepareMethod(version), { claims }, { deadlineSeconds })
        return answer.claims.map(({ key, value }) => ({
          uid: key,
          error: value?.error ?? '',
          devices: value?.devices ?? [],
        }))
      },
      async unprepare(claims) {
        const answer = await channel.call(unprepareMethod(version), { claims }, { deadlineSeconds })
        return answer.claims.map(({ key, value }) => ({ uid: key, error: value?.error ?? '' }))
      },
    }
  }

  async #wipeUnlessBack(name: string): Promise<void> {
    await sleep(this.#clock, wipeDelayMs, this.#signal).catch(() => {})
    if (!this.#instances.has(name)) await this.#wipe(name)
  }

  /** '': of all drivers. */
  async #wipe(driver: string): Promise<void> {
    const fieldSelector = `spec.nodeName=${this.#nodeName}${driver === '' ? '' : `,spec.driver=${driver}`}`
    for (let retryMs = firstRetryMs; !this.#signal.aborted; retryMs = Math.min(longestRetryMs, retryMs * 2)) {
      try {
        if (this.#isNodeKnown()) return await this.#client.deleteCollection(resourceSlices, { fieldSelector })
      } catch (error) {
        if (!this.#signal.aborted) this.#log.warn('slices of devices could not be deleted', { driver, error })
      }
      await sleep(this.#clock, retryMs, this.#signal).catch(() => {})
    }
  }
}
