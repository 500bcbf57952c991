import { FieldSet } from '../../../machinery/patch/apply/field-set.ts'
import { decodeManagers, encodeManagers, managerId, type Managers } from '../../../machinery/patch/apply/managers.ts'
import { fieldElement } from '../../../machinery/patch/apply/path-element.ts'
import type { ManagedFieldsEntry } from '../../../machinery/meta/object.ts'

const scaleVersion = 'autoscaling/v1'
const scalePath = ['spec', 'replicas'].map(fieldElement)

/**
 * Who manages the number of replicas, as the Scale tells it and as the object does
 * (apimachinery pkg/util/managedfields/scalehandler.go).
 */
export class ScaleManagedFields {
  readonly #parent: Managers
  readonly #entries: readonly ManagedFieldsEntry[] | undefined
  readonly #apiVersion: string
  readonly #path: ReturnType<typeof fieldElement>[]

  /** `apiVersion`: of the object; entries of others are dropped, as nothing is known of their paths. */
  constructor(entries: readonly ManagedFieldsEntry[] | undefined, apiVersion: string, replicasPath: readonly string[]) {
    this.#entries = entries
    this.#parent = decodeManagers(entries)
    this.#apiVersion = apiVersion
    this.#path = replicasPath.map(fieldElement)
  }

  toScale(): ManagedFieldsEntry[] | undefined {
    const managers: Managers = new Map()
    for (const [id, entry] of this.#parent) {
      if (entry.apiVersion !== this.#apiVersion || !entry.set.has(this.#path)) continue
      managers.set(id, { ...entry, apiVersion: scaleVersion, set: FieldSet.of(scalePath) })
    }
    return encodeManagers(managers)
  }

  toParent(scaleEntries: readonly ManagedFieldsEntry[] | undefined): ManagedFieldsEntry[] | undefined {
    const scale = decodeManagers(scaleEntries)
    const kept = new Set<string>()
    const managers: Managers = new Map()
    // Identities of updates name the version, which differs between the two: their share is always moved.
    const scaleIds = new Map([...scale.values()].map((entry) => [managerId(entry), entry]))
    for (const [id, entry] of this.#parent) {
      if (entry.apiVersion !== this.#apiVersion) continue
      if (!entry.set.has(this.#path)) managers.set(id, entry)
      else if (scaleIds.has(id)) {
        managers.set(id, entry)
        kept.add(id)
      } else {
        // Somebody else set the number through the Scale: it is theirs now.
        const set = entry.set.difference(FieldSet.of(this.#path))
        if (!set.empty) managers.set(id, { ...entry, set })
      }
    }
    for (const [id, entry] of scaleIds) {
      if (kept.has(id) || !entry.set.has(scalePath)) continue
      // A time that the object's own entry of this identity has; upstream drops the others, and so its order follows.
      const time = this.#parent.get(id)?.time
      managers.set(id, { ...entry, apiVersion: this.#apiVersion, time, set: FieldSet.of(this.#path) })
    }
    return encodeManagers(managers, this.#entries)
  }
}
