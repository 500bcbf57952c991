import type { Value } from './value.ts'

/**
 * The tree of an expression. A node is replaced in place when the checker learns more (a selection that is a qualified
 * name becomes an identifier), since its id is what types, references and costs are kept by (cel-go common/ast).
 */
export interface Expr {
  readonly id: number
  node: ExprNode
}
export type ExprNode =
  | { readonly kind: 'unspecified' }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'ident'; readonly name: string }
  | SelectNode
  | CallNode
  | ListNode
  | MapNode
  | StructNode
  | ComprehensionNode

export interface SelectNode {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** has(operand.field) */
  readonly testOnly: boolean
}
export interface CallNode {
  readonly kind: 'call'
  readonly function: string
  /** The receiver of a member call. */
  readonly target?: Expr
  readonly args: readonly Expr[]
}
export interface ListNode {
  readonly kind: 'list'
  readonly elements: readonly Expr[]
  /** Indexes of the elements that are optional. */
  readonly optionals: ReadonlySet<number>
}
export interface MapEntry {
  readonly id: number
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}
export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}
export interface StructField {
  readonly id: number
  readonly name: string
  readonly value: Expr
  readonly optional: boolean
}
export interface StructNode {
  readonly kind: 'struct'
  readonly typeName: string
  readonly fields: readonly StructField[]
}
export interface ComprehensionNode {
  readonly kind: 'comprehension'
  readonly range: Expr
  readonly variable: string
  /** The second variable of the two-variable forms, else ''. */
  readonly variable2: string
  readonly accumulator: string
  readonly init: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

/** Names of operators as functions (cel-go common/operators). */
export const operator = {
  conditional: '_?_:_',
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  equals: '_==_',
  notEquals: '_!=_',
  less: '_<_',
  lessEquals: '_<=_',
  greater: '_>_',
  greaterEquals: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  in: '@in',
  notStrictlyFalse: '@not_strictly_false',
} as const

/** Every expression directly below one, in the order of evaluation. */
export function children({ node }: Expr): Expr[] {
  switch (node.kind) {
    case 'select':
      return [node.operand]
    case 'call':
      return node.target === undefined ? [...node.args] : [node.target, ...node.args]
    case 'list':
      return [...node.elements]
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return node.fields.map(({ value }) => value)
    case 'comprehension':
      return [node.range, node.init, node.condition, node.step, node.result]
    default:
      return []
  }
}

/** `a.b.c` of identifiers and selections, or undefined. */
export function qualifiedName({ node }: Expr): string | undefined {
  if (node.kind === 'ident') return node.name
  if (node.kind !== 'select' || node.testOnly) return undefined
  const prefix = qualifiedName(node.operand)
  return prefix === undefined ? undefined : `${prefix}.${node.field}`
}
