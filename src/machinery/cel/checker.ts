import { assignable, assignableAll, isDyn, mostGeneral, Substitutions, substitute, typeParams } from './assignable.ts'
import type { Checked, Reference } from './checked.ts'
import type { Environment } from './environment.ts'
import {
  type CallNode,
  type ComprehensionNode,
  type Expr,
  type ListNode,
  type MapNode,
  operator,
  qualifiedName,
  type SelectNode,
  type StructNode,
} from './expression.ts'
import type { FunctionDeclaration } from './function.ts'
import type { Parsed } from './parser.ts'
import type { Issues, Source } from './source.ts'
import {
  boolType,
  dynType,
  errorType,
  formatCall,
  formatType,
  intType,
  listOf,
  mapOf,
  objectType,
  opaqueType,
  optionalOf,
  sameType,
  type Type,
  typeOf,
  typeParam,
} from './type.ts'
import { type Value, valueType } from './value.ts'

/** Gives every expression its type, in the manner and the words of cel-go's checker/checker.go. */
export function check({ expr, tree }: Parsed, environment: Environment, source: Source, issues: Issues): Checked {
  const report = (id: number, message: string) => issues.report(source.locate(tree.offset(id)), message)
  return new Checker(environment, report).check(expr)
}

class Checker {
  readonly #environment: Environment
  readonly #report: (id: number, message: string) => void
  readonly #types = new Map<number, Type>()
  readonly #references = new Map<number, Reference>()
  #scopes: readonly ReadonlyMap<string, Type>[] = []
  #substitutions = new Substitutions()
  #freeParams = 0

  constructor(environment: Environment, report: (id: number, message: string) => void) {
    this.#environment = environment
    this.#report = report
  }

  check(expr: Expr): Checked {
    this.#check(expr)
    for (const [id, type] of this.#types) this.#types.set(id, substitute(this.#substitutions, type, true))
    return { expr, types: this.#types, references: this.#references, outputType: this.#typeOf(expr) }
  }

  #check(expr: Expr): void {
    const { node } = expr
    switch (node.kind) {
      case 'literal':
        return this.#setType(expr, valueType(node.value))
      case 'ident':
        return this.#ident(expr, node.name)
      case 'select':
        return this.#select(expr, node)
      case 'call':
        return this.#call(expr, node)
      case 'list':
        return this.#list(expr, node)
      case 'map':
        return this.#map(expr, node)
      case 'struct':
        return this.#struct(expr, node)
      case 'comprehension':
        return this.#comprehension(expr, node)
      case 'unspecified':
        this.#setType(expr, errorType)
    }
  }

  #setType(expr: Expr, type: Type): void {
    this.#types.set(expr.id, type)
  }
  #typeOf(expr: Expr): Type {
    return this.#types.get(expr.id) ?? errorType
  }
  #resolved(type: Type): Type {
    return substitute(this.#substitutions, type, false)
  }
  #undeclared(id: number, name: string): void {
    this.#report(id, `undeclared reference to '${name}' (in container '')`)
  }

  #isAssignable(from: Type, to: Type): boolean {
    const result = assignable(this.#substitutions, from, to)
    if (result !== undefined) this.#substitutions = result
    return result !== undefined
  }

  #local(name: string): Type | undefined {
    for (const scope of this.#scopes) {
      const type = scope.get(name)
      if (type !== undefined) return type
    }
    return undefined
  }
  #global(name: string): Type | undefined {
    const { variables, types, structs } = this.#environment
    const variable = variables.get(name)
    if (variable !== undefined) return variable
    const type = types.get(name)
    if (type !== undefined) return typeOf(type)
    const struct = structs.map((known) => known.find(name)).find((found) => found !== undefined)
    return struct && typeOf(struct)
  }
  /** A leading dot skips the variables of comprehensions. */
  #variable(name: string): { type: Type; name: string } | undefined {
    const plain = name.replace(/^\./, '')
    const local = this.#local(plain)
    if (local !== undefined && !name.startsWith('.')) return { type: local, name: plain }
    const global = this.#global(plain)
    return global && { type: global, name: local === undefined ? plain : `.${plain}` }
  }

  #ident(expr: Expr, name: string): void {
    const found = this.#variable(name)
    if (found === undefined) {
      this.#setType(expr, errorType)
      this.#undeclared(expr.id, name)
      return
    }
    this.#becomeIdent(expr, found)
  }
  #becomeIdent(expr: Expr, { type, name }: { type: Type; name: string }): void {
    this.#setType(expr, type)
    this.#references.set(expr.id, { name, overloads: [] })
    expr.node = { kind: 'ident', name }
  }

  #select(expr: Expr, node: SelectNode): void {
    const name = qualifiedName(expr)
    if (name !== undefined) {
      const [first] = name.split('.', 1)
      const shadowed = first !== '' && this.#local(first!) !== undefined
      const global = shadowed ? undefined : this.#global(name.replace(/^\./, ''))
      if (global !== undefined) {
        this.#becomeIdent(expr, { type: global, name: name.replace(/^\./, '') })
        return
      }
    }
    const type = this.#field(expr, node.operand, node.field, false)
    this.#setType(expr, this.#resolved(node.testOnly ? boolType : type))
  }

  #field(expr: Expr, operand: Expr, field: string, optional: boolean): Type {
    this.#check(operand)
    const operandType = this.#resolved(this.#typeOf(operand))
    const [target, wasOptional] = unwrapOptional(operandType)
    let result = errorType
    switch (target.kind) {
      case 'map':
        result = target.params[1]!
        break
      case 'struct':
        result = this.#structField(expr.id, target.name, field) ?? errorType
        break
      case 'typeParam':
        this.#isAssignable(dynType, target)
        result = dynType
        break
      default:
        if (!isDyn(target) && target.kind !== 'error')
          this.#report(expr.id, `type '${formatType(target)}' does not support field selection`)
        result = dynType
    }
    return wasOptional || optional ? optionalOf(result) : result
  }

  #structField(id: number, typeName: string, field: string): Type | undefined {
    const { structs, types } = this.#environment
    const known = structs.find((candidate) => candidate.find(typeName) !== undefined)
    if (known === undefined && !types.has(typeName)) {
      this.#report(id, `unexpected failed resolution of '${typeName}'`)
      return undefined
    }
    const type = known?.field(typeName, field)
    if (type === undefined) this.#report(id, `undefined field '${field}'`)
    return type
  }

  #call(expr: Expr, node: CallNode): void {
    if (node.function === operator.optionalSelect) return this.#optionalSelect(expr, node)
    for (const arg of node.args) this.#check(arg)
    const { functions } = this.#environment
    if (node.target === undefined) {
      const name = node.function.replace(/^\./, '')
      const found = functions.get(name)
      if (found === undefined) {
        this.#undeclared(expr.id, node.function)
        this.#setType(expr, errorType)
        return
      }
      expr.node = { ...node, function: name }
      return this.#resolve(expr, found, undefined, node.args)
    }
    const prefix = qualifiedName(node.target)
    const qualified = prefix === undefined ? undefined : functions.get(`${prefix}.${node.function}`.replace(/^\./, ''))
    if (qualified !== undefined) {
      expr.node = { kind: 'call', function: qualified.name, args: node.args }
      return this.#resolve(expr, qualified, undefined, node.args)
    }
    this.#check(node.target)
    const found = functions.get(node.function)
    if (found !== undefined) return this.#resolve(expr, found, node.target, node.args)
    this.#setType(expr, errorType)
    this.#undeclared(expr.id, node.function)
  }

  #optionalSelect(expr: Expr, { args: [operand, field] }: CallNode): void {
    const name = field!.node.kind === 'literal' ? String(field!.node.value) : ''
    const type = this.#field(expr, operand!, name, true)
    this.#setType(expr, this.#resolved(type))
    this.#references.set(expr.id, { overloads: ['select_optional_field'] })
  }

  #resolve(expr: Expr, declaration: FunctionDeclaration, target: Expr | undefined, args: readonly Expr[]): void {
    const operands = target === undefined ? args : [target, ...args]
    const types = operands.map((operand) => this.#typeOf(operand))
    const matching: string[] = []
    let result: Type | undefined
    for (const overload of declaration.overloads) {
      if ((overload.member ?? false) !== (target !== undefined)) continue
      if (declaration.name === operator.and || declaration.name === operator.or) {
        this.#logical(expr, overload.id, args, types)
        return
      }
      let signature = opaqueType('function', overload.result, ...overload.args)
      const params = typeParams(signature)
      if (params.size > 0) {
        const fresh = new Substitutions()
        for (const param of params) fresh.add(typeParam(param), this.#freeParam())
        signature = substitute(fresh, signature, false)
      }
      const [overloadResult, ...candidates] = signature.params as [Type, ...Type[]]
      const substitutions = assignableAll(this.#substitutions, types, candidates)
      if (substitutions === undefined) continue
      this.#substitutions = substitutions
      matching.push(overload.id)
      const type = this.#resolved(overloadResult)
      if (result === undefined) result = type
      else if (!isDyn(result) && !sameType(type, result)) result = dynType
    }
    if (result === undefined) {
      const shown = types.map((type) => substitute(this.#substitutions, type, true))
      const signature = formatCall(shown, target !== undefined)
      this.#report(expr.id, `found no matching overload for '${declaration.name}' applied to '${signature}'`)
      this.#setType(expr, errorType)
      return
    }
    this.#setType(expr, result)
    this.#references.set(expr.id, { overloads: matching })
  }

  #logical(expr: Expr, overload: string, args: readonly Expr[], types: readonly Type[]): void {
    let wrong = false
    types.forEach((type, index) => {
      if (this.#isAssignable(type, boolType)) return
      this.#mismatch(args[index]!.id, boolType, type)
      wrong = true
    })
    this.#setType(expr, wrong ? errorType : boolType)
    if (!wrong) this.#references.set(expr.id, { overloads: [overload] })
  }

  #mismatch(id: number, expected: Type, actual: Type): void {
    this.#report(id, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`)
  }
  #freeParam(): Type {
    return typeParam(`_var${this.#freeParams++}`)
  }

  /** The type within an optional element or entry; others are reported. */
  #unwrapped(expr: Expr, optional: boolean): Type {
    const type = this.#typeOf(expr)
    if (!optional) return type
    const [inner, isOptional] = unwrapOptional(type)
    if (!isOptional && !isDyn(inner)) this.#mismatch(expr.id, optionalOf(inner), inner)
    return inner
  }
  /** The type of elements that differ is dyn; whether they may is checked later (ast-checks.ts). */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current
    return this.#isAssignable(previous, current) ? mostGeneral(previous, current) : dynType
  }

  #list(expr: Expr, { elements, optionals }: ListNode): void {
    let type: Type | undefined
    elements.forEach((element, index) => {
      this.#check(element)
      type = this.#join(type, this.#unwrapped(element, optionals.has(index)))
    })
    this.#setType(expr, listOf(type ?? this.#freeParam()))
  }

  #map(expr: Expr, { entries }: MapNode): void {
    let keyType: Type | undefined
    let type: Type | undefined
    for (const { key, value, optional } of entries) {
      this.#check(key)
      keyType = this.#join(keyType, this.#typeOf(key))
      this.#check(value)
      type = this.#join(type, this.#unwrapped(value, optional))
    }
    this.#setType(expr, mapOf(keyType ?? this.#freeParam(), type ?? this.#freeParam()))
  }

  #struct(expr: Expr, node: StructNode): void {
    const name = node.typeName.replace(/^\./, '')
    const { types, structs } = this.#environment
    const type = types.get(name) ?? structs.map((known) => known.find(name)).find((found) => found !== undefined)
    if (type === undefined) {
      this.#undeclared(expr.id, node.typeName)
      this.#setType(expr, errorType)
      return
    }
    expr.node = { ...node, typeName: name }
    this.#references.set(expr.id, { name, overloads: [] })
    let result = type
    if (type.kind !== 'struct') {
      this.#report(expr.id, `'${formatType(type)}' is not a message type`)
      result = errorType
    }
    this.#setType(expr, result.kind === 'struct' ? objectType(result.name) : result)
    for (const field of node.fields) {
      this.#check(field.value)
      const fieldType = this.#structField(field.id, name, field.name) ?? errorType
      const valueType = this.#unwrapped(field.value, field.optional)
      if (!this.#isAssignable(fieldType, valueType))
        this.#report(
          field.id,
          `expected type of field '${field.name}' is '${formatType(fieldType)}' but provided type is '${formatType(valueType)}'`,
        )
    }
  }

  #comprehension(expr: Expr, node: ComprehensionNode): void {
    this.#check(node.range)
    this.#check(node.init)
    const range = this.#resolved(this.#typeOf(node.range))
    const accumulatorType = this.#typeOf(node.init)
    const outside = this.#scopes
    const withAccumulator = [new Map([[node.accumulator, accumulatorType]]), ...outside]
    const [first, second] = this.#iteration(node, range)
    const variables = new Map([[node.variable, first]])
    if (node.variable2 !== '') variables.set(node.variable2, second)
    this.#scopes = [variables, ...withAccumulator]
    this.#check(node.condition)
    this.#assertType(node.condition, boolType)
    this.#check(node.step)
    this.#assertType(node.step, accumulatorType)
    this.#scopes = withAccumulator
    this.#check(node.result)
    this.#scopes = outside
    this.#setType(expr, this.#resolved(this.#typeOf(node.result)))
  }

  #iteration(node: ComprehensionNode, range: Type): readonly [Type, Type] {
    const two = node.variable2 !== ''
    switch (range.kind) {
      case 'list':
        return two ? [intType, range.params[0]!] : [range.params[0]!, range.params[0]!]
      case 'map':
        return [range.params[0]!, range.params[1]!]
      case 'dyn':
      case 'error':
      case 'typeParam':
        this.#isAssignable(dynType, range)
        return [dynType, dynType]
      default:
        this.#report(
          node.range.id,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        )
        return [errorType, errorType]
    }
  }

  #assertType(expr: Expr, type: Type): void {
    if (!this.#isAssignable(type, this.#typeOf(expr))) this.#mismatch(expr.id, type, this.#typeOf(expr))
  }
}

function unwrapOptional(type: Type): [Type, boolean] {
  return type.kind === 'opaque' && type.name === 'optional_type' ? [type.params[0]!, true] : [type, false]
}

/** The literal that an expression is, or undefined. */
export function literalOf({ node }: Expr): Value | undefined {
  return node.kind === 'literal' ? node.value : undefined
}
