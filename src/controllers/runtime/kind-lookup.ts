import type { ResourceRef } from '../../api/definition.ts'
import { discover } from '../../client/discovery.ts'
import type { Transport } from '../../client/transport.ts'
import type { Clock } from '../../machinery/clock.ts'
import { parseApiVersion } from '../../machinery/meta/object.ts'
import { ServedKinds } from './served-kinds.ts'

/** Unknown kinds are asked for again after so long. */
const recheckMs = 10_000

/** Finds resources by the kinds that references name, whatever the server serves by now. */
export class KindLookup {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #kinds = new ServedKinds()
  #askedMs: number | undefined

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
  }
  /** Throws when the server knows no such kind. */
  async find(apiVersion: string, kind: string): Promise<ResourceRef> {
    const known = this.#kinds.find(apiVersion, kind)
    if (known !== undefined) return known
    const now = this.#clock.monotonic()
    if (this.#askedMs === undefined || now - this.#askedMs >= recheckMs) {
      this.#askedMs = now
      this.#kinds.set((await discover(this.#transport)).resources)
    }
    const found = this.#kinds.find(apiVersion, kind)
    if (found === undefined) {
      throw new Error(`no matches for kind "${kind}" in group "${parseApiVersion(apiVersion).group}"`)
    }
    return found
  }
}
