import type { Expr } from './expression.ts'
import type { Type } from './type.ts'

/** What a name or a call came to be. */
export interface Reference {
  /** The full name of a variable or type. */
  readonly name?: string
  /** The overloads that a call may mean, in order. */
  readonly overloads: readonly string[]
}

/** An expression with the type of each of its parts, by their ids. */
export interface Checked {
  readonly expr: Expr
  readonly types: ReadonlyMap<number, Type>
  readonly references: ReadonlyMap<number, Reference>
  readonly outputType: Type
}
