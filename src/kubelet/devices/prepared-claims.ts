import type { Clock } from '../../machinery/clock.ts'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import type { Container, Pod, ResourceClaim } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { ClaimCheckpoint, ClaimRecord, DriverRecord } from './claim-checkpoint.ts'
import type { DraDriver, DriverClaim, PreparedClaim } from './dra-drivers.ts'
import { checkUse, claimsOf, requestsOf } from './pod-claims.ts'

/** As upstream names them in its metrics (pkg/kubelet/cm/dra/manager.go). */
export type ClaimOperation = 'PrepareResources' | 'UnprepareResources'

/** What drivers prepare for pods, as their workers see it. */
export interface PodDevices {
  /** Throws until all devices of the pod are ready for its containers. */
  prepare(pod: Pod): Promise<void>
  /** The names under which the runtime knows the devices of a container (CDI). */
  cdiDevices(pod: Pod, container: Container): readonly string[]
  /** The pod's containers have ended. Throws until drivers have taken back what no other pod uses. */
  unprepare(pod: Pod): Promise<void>
}

interface Entry {
  record: ClaimRecord
  prepared: boolean
  unpreparing: boolean
}

/**
 * Has drivers prepare the claims of pods before their sandboxes are made, and take them back after their containers have
 * ended; remembers that on disk (pkg/kubelet/cm/dra/manager.go).
 */
export class PreparedClaims implements PodDevices {
  readonly #client: Client
  readonly #measured: (operation: ClaimOperation, work: () => Promise<void>) => Promise<void>
  readonly #driver: (name: string) => DraDriver
  readonly #checkpoint: ClaimCheckpoint
  /** By `namespace/name`. */
  readonly #entries: Map<string, Entry>

  constructor(options: {
    readonly client: Client
    /** Throws where the driver is not there. */
    readonly driver: (name: string) => DraDriver
    readonly checkpoint: ClaimCheckpoint
    /** Told how long all claims of a pod took. */
    readonly took?: (operation: ClaimOperation, seconds: number, failed: boolean) => void
    readonly clock?: Clock
  }) {
    const { clock, took } = options
    this.#measured = async (operation, work) => {
      if (clock === undefined || took === undefined) return work()
      const began = clock.monotonic()
      let failed = true
      try {
        await work()
        failed = false
      } finally {
        took(operation, (clock.monotonic() - began) / 1000, failed)
      }
    }
    this.#client = options.client
    this.#driver = options.driver
    this.#checkpoint = options.checkpoint
    const records = options.checkpoint.read()
    // What was prepared before is prepared again, for drivers answer the same.
    this.#entries = new Map(
      records.map((record) => [
        `${record.Namespace}/${record.ClaimName}`,
        { record, prepared: false, unpreparing: false },
      ]),
    )
  }

  async prepare(pod: Pod): Promise<void> {
    if (!usesClaims(pod)) return
    try {
      await this.#measured('PrepareResources', () => this.#prepare(pod))
    } catch (error) {
      throw new Error(`prepare dynamic resources: ${(error as Error).message}`, { cause: error })
    }
  }

  cdiDevices(pod: Pod, container: Container): readonly string[] {
    if (!usesClaims(pod)) return []
    const devices: string[] = []
    for (const used of claimsOf(pod)) {
      const requests = requestsOf(pod, container, used)
      if (requests.length === 0) continue
      const entry = this.#entries.get(`${pod.metadata.namespace}/${used.name}`)
      if (entry === undefined) {
        const where = `ResourceClaim ${used.name} in namespace ${pod.metadata.namespace}`
        throw new Error(`internal error: unable to get claim info for ${where}`)
      }
      for (const request of requests) devices.push(...cdiNames(entry.record, request))
    }
    return devices
  }

  async unprepare(pod: Pod): Promise<void> {
    await this.#measured('UnprepareResources', () => this.#unprepare(pod.metadata.uid ?? ''))
  }

  /** Takes back the claims of pods that are not here any more. */
  async reconcile(isKnown: (podUid: string) => boolean): Promise<void> {
    const gone = new Set<string>()
    for (const { record } of this.#entries.values())
      for (const uid of Object.keys(record.PodUIDs)) if (!isKnown(uid)) gone.add(uid)
    for (const uid of gone) await this.#unprepare(uid)
  }

  async #prepare(pod: Pod): Promise<void> {
    const { uid = '', namespace = '' } = pod.metadata
    const claims: ResourceClaim[] = []
    // Nothing is noted before all is well: a pod that cannot start must not wait for drivers that never came.
    for (const used of claimsOf(pod)) {
      const claim = await this.#client
        .get(resourceClaims, { namespace, name: used.name })
        .catch((error: unknown) => fail(`fetch ResourceClaim ${used.name}`, error))
      checkUse(pod, claim, used)
      for (const driver of driversToCall(recordOf(claim), 'NodePrepareResources')) this.#driver(driver)
      claims.push(claim)
    }
    const batches = new Map<string, DriverClaim[]>()
    const entries = claims.map((claim) => this.#entryFor(claim, uid))
    this.#save()
    for (const { record, prepared } of entries)
      if (!prepared)
        for (const driver of driversToCall(record, 'NodePrepareResources'))
          batches.set(driver, [...(batches.get(driver) ?? []), driverClaim(record)])
    for (const [name, batch] of batches) {
      const answers = await this.#driver(name)
        .prepare(batch)
        .catch((error: unknown) => fail('NodePrepareResources', error))
      checkAnswers('NodePrepareResources', batch, answers)
      for (const answer of answers) {
        const entry = entries.find(({ record }) => record.ClaimUID === answer.uid)!
        entry.record = withDevices(entry.record, name, answer)
      }
    }
    for (const entry of entries) entry.prepared = true
    if (batches.size > 0) this.#save()
  }

  #entryFor(claim: ResourceClaim, podUid: string): Entry {
    const { namespace, name, uid } = claim.metadata
    const key = `${namespace}/${name}`
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { record: recordOf(claim), prepared: false, unpreparing: false }
      this.#entries.set(key, entry)
    } else if (entry.record.ClaimUID !== uid) {
      const old = `old ResourceClaim with same name ${name} and different UID ${entry.record.ClaimUID}`
      throw new Error(`${old} still exists (previous pod force-deleted?!)`)
    } else if (entry.unpreparing) throw new Error(`ResourceClaim ${name} is being unprepared`)
    entry.record = { ...entry.record, PodUIDs: { ...entry.record.PodUIDs, [podUid]: {} } }
    return entry
  }

  async #unprepare(podUid: string): Promise<void> {
    const mine = [...this.#entries].filter(([, { record }]) => Object.hasOwn(record.PodUIDs, podUid))
    if (mine.length === 0) return
    const batches = new Map<string, DriverClaim[]>()
    const ending: string[] = []
    for (const [key, entry] of mine) {
      const { [podUid]: _, ...others } = entry.record.PodUIDs
      if (Object.keys(others).length > 0) {
        entry.record = { ...entry.record, PodUIDs: others }
        continue
      }
      ending.push(key)
      entry.unpreparing = true
      for (const driver of driversToCall(entry.record, 'NodeUnprepareResources'))
        batches.set(driver, [...(batches.get(driver) ?? []), driverClaim(entry.record)])
    }
    try {
      for (const [name, batch] of batches) {
        const answers = await this.#driver(name)
          .unprepare(batch)
          .catch((error: unknown) => fail('NodeUnprepareResources', error))
        checkAnswers('NodeUnprepareResources', batch, answers)
      }
    } catch (error) {
      throw new Error(`unprepare dynamic resources: ${(error as Error).message}`, { cause: error })
    }
    for (const key of ending) this.#entries.delete(key)
    this.#save()
  }

  #save(): void {
    this.#checkpoint.write([...this.#entries.values()].map(({ record }) => record))
  }
}

function usesClaims({ spec, status }: Pod): boolean {
  return (spec.resourceClaims ?? []).length > 0 || status?.extendedResourceClaimStatus !== undefined
}

function fail(what: string, error: unknown): never {
  throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
}

function recordOf({ metadata, status }: ResourceClaim): ClaimRecord {
  const byDriver = Map.groupBy(status?.allocation?.devices?.results ?? [], ({ driver }) => driver)
  const states = [...byDriver].map(([driver, results]): [string, DriverRecord] => {
    const skipped = (operation: string) =>
      results.every(({ skipNodeOperations = [] }) =>
        skipNodeOperations.some((each: string) => each === '*' || each === operation),
      )
    const operations = ['NodePrepareResources', 'NodeUnprepareResources'].filter(skipped)
    return [driver, { Devices: null, ...(operations.length > 0 && { skipNodeOperations: operations }) }]
  })
  return {
    ClaimUID: metadata.uid ?? '',
    ClaimName: metadata.name ?? '',
    Namespace: metadata.namespace ?? '',
    PodUIDs: {},
    DriverState: Object.fromEntries(states),
  }
}

function driversToCall({ DriverState }: ClaimRecord, operation: string): readonly string[] {
  return Object.entries(DriverState)
    .filter(([, { skipNodeOperations = [] }]) => !skipNodeOperations.some((each) => each === '*' || each === operation))
    .map(([driver]) => driver)
}

function driverClaim({ Namespace, ClaimUID, ClaimName }: ClaimRecord): DriverClaim {
  return { namespace: Namespace, uid: ClaimUID, name: ClaimName }
}

function checkAnswers(
  call: string,
  asked: readonly DriverClaim[],
  answers: readonly { readonly uid: string; readonly error: string }[],
): void {
  for (const { uid, error } of answers) {
    const claim = asked.find((each) => each.uid === uid)
    if (claim === undefined) throw new Error(`${call} returned result for unknown claim UID ${uid}`)
    if (error !== '') throw new Error(`${call} failed for ResourceClaim ${claim.name}: ${error}`)
  }
  const left = asked.length - answers.length
  if (left !== 0) throw new Error(`${call} skipped ${left} ResourceClaims`)
}

function withDevices(record: ClaimRecord, driver: string, { devices }: PreparedClaim): ClaimRecord {
  const Devices = devices.map(({ poolName, deviceName, shareId, requestNames, cdiDeviceIds }) => ({
    PoolName: poolName,
    DeviceName: deviceName,
    ShareID: shareId === '' ? null : shareId,
    RequestNames: requestNames,
    CDIDeviceIDs: cdiDeviceIds,
  }))
  const state = { ...record.DriverState[driver], Devices }
  return { ...record, DriverState: { ...record.DriverState, [driver]: state } }
}

function cdiNames({ DriverState }: ClaimRecord, request: string): readonly string[] {
  return Object.values(DriverState).flatMap(({ Devices }) =>
    (Devices ?? [])
      .filter(({ RequestNames }) => request === '' || !RequestNames?.length || RequestNames.includes(request))
      .flatMap(({ CDIDeviceIDs }) => CDIDeviceIDs ?? []),
  )
}
