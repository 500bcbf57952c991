import type { Expr, ExprNode } from './expression.ts'
import { type ExprFactory, type Macro, MacroError } from './macro.ts'

/** Gives ids to expressions, knows where each stands, and expands macros (cel-go parser/helper.go). */
export class ParseTree {
  readonly #macros: ReadonlyMap<string, Macro>
  readonly #offsets: number[] = [0]
  readonly complain: (offset: number, message: string) => void

  constructor(macros: readonly Macro[], complain: (offset: number, message: string) => void) {
    this.#macros = new Map(macros.map((macro) => [key(macro.name, macro.argCount, macro.member), macro]))
    this.complain = complain
  }

  id(offset: number): number {
    return this.#offsets.push(offset) - 1
  }
  make(offset: number, node: ExprNode): Expr {
    return { id: this.id(offset), node }
  }
  /** Code points from the start of the source. */
  offset(id: number): number {
    return this.#offsets[id] ?? 0
  }

  /** A call, or what a macro makes of it. */
  call(id: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const macro = this.#macros.get(key(name, args.length, target !== undefined))
    if (macro !== undefined) {
      try {
        const expanded = macro.expand(this.#factory(this.offset(id)), target, args)
        if (expanded !== undefined) return expanded
      } catch (error) {
        if (!(error instanceof MacroError)) throw error
        this.complain(this.offset(error.at.id), error.message)
        return { id, node: { kind: 'unspecified' } }
      }
    }
    return { id, node: { kind: 'call', function: name, target, args } }
  }

  #factory(offset: number): ExprFactory {
    const copy = (expr: Expr): Expr => ({ id: this.id(this.offset(expr.id)), node: copyNode(expr.node) })
    const copyNode = (node: ExprNode): ExprNode => {
      switch (node.kind) {
        case 'select':
          return { ...node, operand: copy(node.operand) }
        case 'call':
          return { ...node, target: node.target && copy(node.target), args: node.args.map(copy) }
        case 'list':
          return { ...node, elements: node.elements.map(copy) }
        case 'map':
          return {
            ...node,
            entries: node.entries.map(({ key: name, value, optional }) => ({
              id: this.id(offset),
              key: copy(name),
              value: copy(value),
              optional,
            })),
          }
        case 'struct':
          return {
            ...node,
            fields: node.fields.map(({ name, value, optional }) => ({
              id: this.id(offset),
              name,
              value: copy(value),
              optional,
            })),
          }
        case 'comprehension':
          return {
            ...node,
            range: copy(node.range),
            init: copy(node.init),
            condition: copy(node.condition),
            step: copy(node.step),
            result: copy(node.result),
          }
        default:
          return node
      }
    }
    return { make: (node) => this.make(offset, node), copy }
  }
}

const key = (name: string, args: number, member: boolean) => `${name}:${args}:${member}`
