import type { Frame } from './frame.ts'
import type { Value } from './value.ts'

/**
 * A variable, a computed value or a choice between two of them, followed by the fields and indexes that lead to a part
 * of it (cel-go interpreter/attributes.go). Costs are counted as its cost tracker sees them: one per qualifier, one for
 * the attribute where it is an expression of its own.
 */
export interface Attribute {
  addQualifier(qualifier: Qualifier): void
  resolve(frame: Frame): Value
  /** Whether the attribute itself costs one. */
  readonly priced: boolean
}

export interface Qualifier {
  readonly optional: boolean
  qualify(frame: Frame, of: Value): Value
  /** undefined: absent. */
  qualifyIfPresent(frame: Frame, of: Value): Value | undefined
}
