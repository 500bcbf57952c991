import { resourceClaims } from '../../../api/resource/v1/resource-claim.ts'
import type { AllocationResult, ResourceClaim } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import { keyOf } from '../../../client/informer.ts'
import { type Clock, formatTime, sleep } from '../../../machinery/clock.ts'
import { isReason } from '../../../machinery/errors.ts'

const finalizer = 'resource.kubernetes.io/delete-protection'
/** client-go util/retry DefaultRetry. */
const attempts = 5
const pauseMs = 10

/** Writes what was decided about claims. A claim that changed meanwhile is read again, and tried again. */
export class ClaimWriter {
  readonly #client: Client
  readonly #clock: Clock
  /** Whether the time of the allocation is written, for drivers that devices wait for. */
  readonly #stampsTime: boolean

  constructor(client: Client, clock: Clock, stampsTime: boolean) {
    this.#client = client
    this.#clock = clock
    this.#stampsTime = stampsTime
  }

  /** Reserves the claim for a pod; `allocation`: of a claim that has none yet (dynamicresources.go bindClaim). */
  async bind(
    claim: ResourceClaim,
    pod: { readonly name: string; readonly uid: string },
    allocation: AllocationResult | undefined,
  ): Promise<ResourceClaim> {
    return this.#retried(claim, async (current) => {
      let latest = current
      const key = keyOf(claim)
      if (latest.metadata.deletionTimestamp !== undefined) throw new Error(`claim ${key} got deleted in the meantime`)
      if (allocation !== undefined) {
        if (latest.status?.allocation !== undefined)
          throw new Error(`claim ${key} got allocated elsewhere in the meantime`)
        const { finalizers = [] } = latest.metadata
        if (!finalizers.includes(finalizer)) {
          const metadata = { ...latest.metadata, finalizers: [...finalizers, finalizer] }
          latest = await explained(`add finalizer to claim ${key}`, () =>
            this.#client.update(resourceClaims, { ...latest, metadata }),
          )
        }
      }
      const given = allocation ?? latest.status?.allocation
      if (given === undefined) throw new Error(`claim ${key} got deallocated elsewhere in the meantime`)
      const status = {
        ...latest.status,
        allocation:
          this.#stampsTime && given.allocationTimestamp === undefined
            ? { ...given, allocationTimestamp: formatTime(this.#clock.now()) }
            : given,
        reservedFor: [...(latest.status?.reservedFor ?? []), { resource: 'pods', ...pod }],
      }
      const what = allocation === undefined ? 'reservation' : 'allocation and reservation'
      return explained(`add ${what} to claim ${key}`, () =>
        this.#client.update(resourceClaims, { ...latest, status } as ResourceClaim, { subresource: 'status' }),
      )
    })
  }

  /** Takes the pod out of those that use the claim. */
  async unreserve({ metadata }: ResourceClaim, podUid: string): Promise<void> {
    const { namespace, name = '', uid } = metadata
    const patch = { metadata: { uid }, status: { reservedFor: [{ $patch: 'delete', uid: podUid }] } }
    await this.#client.patch(resourceClaims, { namespace, name }, 'strategic', patch, { subresource: 'status' })
  }

  async deallocate(claim: ResourceClaim): Promise<void> {
    const { allocation: _, reservedFor: __, devices: ___, ...status } = claim.status ?? {}
    await this.#client.update(resourceClaims, { ...claim, status }, { subresource: 'status' })
  }

  /** Deletes a claim that the scheduler made, whatever protects it. */
  async remove(claim: ResourceClaim): Promise<void> {
    const { namespace, name = '' } = claim.metadata
    await this.#retried(claim, (latest) => {
      const finalizers = (latest.metadata.finalizers ?? []).filter((each) => each !== finalizer)
      return this.#client.update(resourceClaims, { ...latest, metadata: { ...latest.metadata, finalizers } })
    })
    try {
      await this.#client.delete(resourceClaims, { namespace, name })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  create(claim: ResourceClaim): Promise<ResourceClaim> {
    const { name: _, uid: __, ...metadata } = claim.metadata
    return explained(`create claim for extended resources ${metadata.namespace}/`, () =>
      this.#client.create(resourceClaims, { ...claim, metadata }),
    )
  }

  async #retried(claim: ResourceClaim, write: (latest: ResourceClaim) => Promise<ResourceClaim>) {
    const { namespace, name = '' } = claim.metadata
    let latest = claim
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(latest)
      } catch (error) {
        const conflict = isReason((error as Error).cause ?? error, 'Conflict')
        if (!conflict || attempt === attempts) throw error
        await sleep(this.#clock, pauseMs)
        latest = await explained(`get updated claim ${keyOf(claim)} after conflict`, () =>
          this.#client.get(resourceClaims, { namespace, name }),
        )
      }
    }
  }
}

async function explained<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
