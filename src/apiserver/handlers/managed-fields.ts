import type { ResourceDefinition } from '../../api/definition.ts'
import { versionsOf } from '../../api/kind-versions.ts'
import type { Draft } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject, type ManagedFieldsEntry } from '../../machinery/meta/object.ts'
import {
  applyConfiguration,
  trackUpdate,
  type Applied,
  type FieldManagement,
} from '../../machinery/patch/apply/field-manager.ts'
import { hasStatus } from '../registry/strategy.ts'
import { converts } from './resource.ts'

/** Who writes through which door. */
export interface FieldWriter {
  readonly manager: string
  readonly definition: ResourceDefinition
  readonly subresource: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** Keeps account of who set which field, on every write but apply (apimachinery pkg/util/managedfields). */
export function trackManagedFields(live: KubeObject | undefined, draft: Draft<KubeObject>, writer: FieldWriter): void {
  const sent = throughStorage(writer.definition, draft as KubeObject)
  const entries = trackUpdate(managementOf(writer), live, sent, writer.manager)
  if (entries === undefined || entries.length === 0) delete draft.metadata.managedFields
  else draft.metadata.managedFields = entries as Draft<ManagedFieldsEntry[]>
}

/** An object of a version that is not stored, as it comes back from there: what has no place is nobody's. */
function throughStorage(definition: ResourceDefinition, object: KubeObject): KubeObject {
  const { conversion } = definition.rules
  return conversion !== undefined && converts(definition)
    ? conversion.fromStorage(conversion.toStorage(object))
    : object
}

/** Server-side apply; the result may share parts with its inputs. Throws Conflict unless forced. */
export function applyManaged(
  live: KubeObject | undefined,
  configuration: unknown,
  force: boolean,
  writer: FieldWriter,
): Applied {
  return applyConfiguration(managementOf(writer), live, configuration, writer.manager, force)
}

function managementOf({ definition, subresource, now }: FieldWriter): FieldManagement {
  const { group, version, kind, schema } = definition
  return {
    schema,
    group,
    version,
    kind,
    subresource,
    now,
    resetFields: resetFieldsOf(definition, subresource),
    ...convertersOf(definition),
  }
}

/** How fields that were set through other versions are known again. */
function convertersOf(definition: ResourceDefinition): Pick<FieldManagement, 'convert' | 'schemaOf'> {
  const { storedForm } = definition.rules
  const own = apiVersionOf(definition)
  const siblings = versionsOf(definition)
  if (storedForm !== undefined && siblings.length < 2) {
    const empty = { apiVersion: own, kind: definition.kind, metadata: {} }
    return {
      convert: (object, apiVersion) => storedForm.inVersion(object, apiVersion)?.object,
      schemaOf: (apiVersion) => storedForm.inVersion({ ...empty, apiVersion }, apiVersion)?.schema,
    }
  }
  if (siblings.length < 2) return {}
  const at = (apiVersion: string) => siblings.find((sibling) => apiVersionOf(sibling) === apiVersion)
  return {
    convert: (object, apiVersion) => {
      if (object.apiVersion === apiVersion) return object
      const [from, to] = [at(object.apiVersion), at(apiVersion)]
      if (from === undefined || to === undefined) return undefined
      const stored = from.rules.conversion?.toStorage(object) ?? object
      return to.rules.conversion?.fromStorage(stored) ?? stored
    },
    schemaOf: (apiVersion) => at(apiVersion)?.schema,
  }
}

const noFields: readonly (readonly string[])[] = []
const statusOnly = [['status']]
const specOnly = [['spec']]

/** What the strategy resets behind a door cannot be owned by those who come through it (GetResetFields). */
function resetFieldsOf(definition: ResourceDefinition, subresource: string): readonly (readonly string[])[] {
  if (subresource === '') return definition.rules.resetFields ?? (hasStatus(definition) ? statusOnly : noFields)
  if (subresource === 'status') return definition.rules.subresources?.['status']?.resetFields ?? specOnly
  return noFields
}
