import type { NamespaceCondition } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'

/** What came of an attempt to empty a namespace. */
export interface DeletionReport {
  readonly discoveryFailure?: string
  readonly errors: readonly string[]
  /** Instances left by `resource.group`; absent as long as only pods were looked at. */
  readonly remaining?: ReadonlyMap<string, number>
  /** Instances that each finalizer holds back. */
  readonly finalizers?: ReadonlyMap<string, number>
}

const fine: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
]

/** The conditions of a namespace that is being deleted (deletion/status_condition_utils.go). */
export function deletionConditions(
  present: readonly NamespaceCondition[],
  report: DeletionReport,
  now: number,
): readonly NamespaceCondition[] {
  const trouble = troubles(report)
  const conditions = [...present]
  for (const [type, okReason, okMessage] of fine) {
    const [reason, message] = trouble.get(type) ?? [okReason, okMessage]
    const status = trouble.has(type) ? 'True' : 'False'
    const at = conditions.findIndex((condition) => condition.type === type)
    const old = conditions[at]
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(now)
    const condition = { type, status, lastTransitionTime, reason, message }
    if (old === undefined) conditions.push(condition)
    else conditions[at] = condition
  }
  return conditions
}

function troubles(report: DeletionReport): Map<string, readonly [reason: string, message: string]> {
  const { discoveryFailure, errors, remaining = new Map(), finalizers = new Map() } = report
  const found = new Map<string, readonly [string, string]>()
  if (discoveryFailure !== undefined) {
    found.set('NamespaceDeletionDiscoveryFailure', ['DiscoveryFailed', discoveryFailure])
  }
  if (errors.length > 0) {
    const list = [...errors].sort().join(', ')
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${list}`
    found.set('NamespaceDeletionContentFailure', ['ContentDeletionFailed', message])
  }
  if (remaining.size > 0) {
    const list = [...remaining].map(([resource, count]) => `${resource} has ${count} resource instances`).sort()
    const message = `Some resources are remaining: ${list.join(', ')}`
    found.set('NamespaceContentRemaining', ['SomeResourcesRemain', message])
  }
  if (finalizers.size > 0) {
    const list = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort()
    const message = `Some content in the namespace has finalizers remaining: ${list.join(', ')}`
    found.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', message])
  }
  return found
}
