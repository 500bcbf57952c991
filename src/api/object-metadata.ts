import { fieldErrors, type FieldError } from '../machinery/field-error.ts'
import { jsonEqual, type Draft } from '../machinery/json.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { dns1123Label } from '../machinery/validation/dns-names.ts'
import type { KindRules } from './definition.ts'

/** Rules about metadata that several kinds have. */

/** Sets a member, or takes it away. */
export function setOrDelete(target: object, member: string, value: unknown): void {
  if (value === undefined) delete (target as Record<string, unknown>)[member]
  else (target as Record<string, unknown>)[member] = value
}

const kept = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const

/** Takes the metadata that a status writer may not touch from the old object (metav1.ResetObjectMetaForStatus). */
export function resetMetadata(draft: Draft<KubeObject>, old: KubeObject): void {
  for (const member of kept) setOrDelete(draft.metadata, member, old.metadata[member])
}

/** A status subresource that cannot touch metadata either. */
export const statusWithoutMetadata = {
  prepareForUpdate: resetMetadata,
  resetFields: [['metadata'], ['spec']],
} as const

/** Counts changes of these members in metadata.generation, for kinds whose spec and status do not say it themselves. */
export function countsGeneration<T extends KubeObject>(
  ...members: (keyof T & string)[]
): Required<Pick<KindRules<T>, 'prepareForCreate' | 'prepareForUpdate'>> {
  return {
    prepareForCreate(draft) {
      draft.metadata.generation = 1
    },
    prepareForUpdate(draft, old) {
      const after = draft as Record<string, unknown>
      if (members.every((member) => jsonEqual(after[member], old[member]))) return
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1
    },
  }
}

const ownFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** Finalizers without a domain are Kubernetes' own (pkg/apis/core/validation validateKubeFinalizerName). */
export function kubernetesFinalizerName(name: string, field: string): FieldError[] {
  if (name.includes('/') || ownFinalizers.has(name)) return []
  const detail = 'name is neither a standard finalizer name nor is it fully qualified'
  return [fieldErrors.invalid(field, name, detail)]
}

/** Whether a write leaves the spec as it was: its generation stays. */
export function isUnchanged(object: KubeObject, old: KubeObject | undefined): boolean {
  return old !== undefined && old.metadata.generation === object.metadata.generation
}

/** The warning for a name that pods' names and hostnames will be made of. */
export function podNameWarnings(name: string, use = 'Pod names and hostnames'): string[] {
  const faults = dns1123Label(name)
  if (faults.length === 0) return []
  const why = `[${faults.join(' ')}]`
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: ${why}`,
  ]
}
