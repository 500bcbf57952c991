import { applyConflict, type ApiError } from '../../errors.ts'
import { goQuote } from '../../field-error.ts'
import { printPath } from './field-set.ts'
import type { ManagerEntry } from './managers.ts'
import type { PathElement } from './path-element.ts'

/** A field that somebody else manages with another value. */
export interface Conflict {
  readonly manager: ManagerEntry
  readonly managerId: string
  readonly path: readonly PathElement[]
}

/** Thrown inside; the front door turns it into the API's answer. */
export class ApplyConflicts extends Error {
  override readonly name = 'ApplyConflicts'
  readonly conflicts: readonly Conflict[]
  constructor(conflicts: readonly Conflict[]) {
    super('apply conflicts with other managers')
    this.conflicts = conflicts
  }
}

/** 409 with a cause per field (apimachinery util/managedfields/internal/conflict.go). */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printPath(path),
  }))
  return applyConflict(causes, conflictMessage(conflicts))
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const first = conflicts[0]!
  if (conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${printPath(first.path)}`
  }
  const lines: string[] = []
  const byManager = Map.groupBy(conflicts, ({ managerId }) => managerId)
  for (const id of [...byManager.keys()].sort()) {
    const those = byManager.get(id)!
    lines.push(`conflicts with ${printManager(those[0]!.manager)}:`, ...those.map(({ path }) => `- ${printPath(path)}`))
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function printManager({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  const name = goQuote(manager) + (subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
