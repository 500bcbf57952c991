import type { ResourceDefinition } from '../../api/definition.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** Who set which field: kept on every write (apimachinery pkg/util/managedfields). */
export interface ManagedFields {
  /** Sets `draft.metadata.managedFields` for a write by `manager`. Never throws: it falls back to the live entries. */
  update(
    live: KubeObject | undefined,
    draft: Draft<KubeObject>,
    by: { readonly manager: string; readonly definition: ResourceDefinition; readonly subresource: string },
  ): void
  /** Server-side apply. Throws Conflict with the other managers' fields unless forced. */
  apply(
    live: KubeObject | undefined,
    applied: KubeObject,
    by: {
      readonly manager: string
      readonly force: boolean
      readonly definition: ResourceDefinition
      readonly subresource: string
    },
  ): Draft<KubeObject>
}
