import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import type { Connection } from './connection.ts'
import { leaseGrant } from './messages.ts'

/**
 * Leases for keys with a time to live. Keys that end at about the same time share one, as upstream's do (apiserver
 * pkg/storage/etcd3/lease_manager.go): a lease lives up to 5 % or 60 s longer than asked for and is reused for so long,
 * for at most 1,000 keys.
 */
export class Leases {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #random: Random
  #last: { readonly id: Promise<number>; readonly endsAt: number; keys: number } | undefined

  constructor(connection: Connection, clock: Clock, random: Random) {
    this.#random = random
    this.#connection = connection
    this.#clock = clock
  }

  /** The id of a lease that lives for `ttlSeconds` or a little longer. */
  for(ttlSeconds: number): Promise<number> {
    const now = this.#clock.now()
    const extraSeconds = Math.min(60, Math.floor(ttlSeconds * 0.05))
    const needed = now + ttlSeconds * 1000
    const last = this.#last
    if (last && last.keys < 1000 && needed < last.endsAt && needed + extraSeconds * 1000 > last.endsAt) {
      last.keys++
      return last.id
    }
    // The ids that etcd itself gives have 64 bits, which a JavaScript number has not.
    const ask = { id: 1 + Math.floor(this.#random.float() * (2 ** 53 - 2)), ttl: ttlSeconds + extraSeconds }
    const id = this.#connection.call(leaseGrant, ask).then((granted) => granted.id)
    const lease = { id, endsAt: needed + extraSeconds * 1000, keys: 1 }
    this.#last = lease
    id.catch(() => this.forget())
    return id
  }

  /** The last lease is gone, whatever was reckoned. */
  forget(): void {
    this.#last = undefined
  }
}
