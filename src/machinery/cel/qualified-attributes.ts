import type { Attribute, Qualifier } from './attribute.ts'
import { listIndex } from './collections.ts'
import { formatValue } from './format-value.ts'
import type { Frame } from './frame.ts'
import type { Step } from './step.ts'
import { CelError, ListValue, MapValue, none, noSuchOverload, Optional, type Value } from './value.ts'

abstract class QualifiedAttribute implements Attribute {
  readonly #qualifiers: Qualifier[] = []
  readonly priced = true
  addQualifier(qualifier: Qualifier): void {
    this.#qualifiers.push(qualifier)
  }
  abstract base(frame: Frame): Value
  resolve(frame: Frame): Value {
    let value = this.base(frame)
    if (value instanceof CelError || this.#qualifiers.length === 0) return value
    let optional = false
    if (value instanceof Optional) {
      if (value.value === undefined) return value
      value = value.value
      optional = true
    }
    for (const qualifier of this.#qualifiers) {
      optional ||= qualifier.optional
      const part = optional ? qualifier.qualifyIfPresent(frame, value) : qualifier.qualify(frame, value)
      if (part === undefined) return none
      if (part instanceof CelError) return part
      value = part
    }
    return optional ? new Optional(value) : value
  }
}

export class VariableAttribute extends QualifiedAttribute {
  readonly #name: string
  readonly #global: boolean
  constructor(name: string) {
    super()
    this.#global = name.startsWith('.')
    this.#name = this.#global ? name.slice(1) : name
  }
  base(frame: Frame): Value {
    const value = (this.#global ? frame.root : frame).resolve(this.#name)
    return value === undefined ? new CelError(`no such attribute(s): ${this.#name}`) : value
  }
}

export class ComputedAttribute extends QualifiedAttribute {
  readonly #step: Step
  constructor(step: Step) {
    super()
    this.#step = step
  }
  base(frame: Frame): Value {
    return this.#step.run(frame)
  }
}

export class ConditionalAttribute implements Attribute {
  readonly priced = false
  readonly #condition: Step
  readonly #yes: Attribute
  readonly #no: Attribute
  constructor(condition: Step, yes: Attribute, no: Attribute) {
    this.#condition = condition
    this.#yes = yes
    this.#no = no
  }
  addQualifier(qualifier: Qualifier): void {
    this.#yes.addQualifier(qualifier)
    this.#no.addQualifier(qualifier)
  }
  resolve(frame: Frame): Value {
    const condition = this.#condition.run(frame)
    if (condition === true) return this.#yes.resolve(frame)
    if (condition === false) return this.#no.resolve(frame)
    return condition instanceof CelError ? condition : noSuchOverload
  }
}

/** A part of a value; undefined: absent, which is an error unless presence is what was asked for. */
function part(of: Value, key: Value): Value | undefined {
  if (of instanceof CelError) return of
  if (of instanceof MapValue) return of.find(key)
  if (of instanceof ListValue) {
    const index = listIndex(key)
    if (index instanceof CelError) return index
    return index >= 0 && index < of.size ? of.at(index) : undefined
  }
  return undefined
}

function partOrError(of: Value, key: Value): Value {
  const found = part(of, key)
  if (found !== undefined) return found
  return new CelError(`${of instanceof ListValue ? 'index out of bounds' : 'no such key'}: ${formatValue(key)}`)
}

export class ConstantQualifier implements Qualifier {
  readonly optional: boolean
  readonly #key: Value
  constructor(key: Value, optional: boolean) {
    this.#key = key
    this.optional = optional
  }
  qualify(frame: Frame, of: Value): Value {
    frame.costs.spend(1)
    return partOrError(of, this.#key)
  }
  qualifyIfPresent(frame: Frame, of: Value): Value | undefined {
    const found = part(of, this.#key)
    if (found !== undefined && !(found instanceof CelError)) frame.costs.spend(1)
    return found
  }
}

export class PresenceQualifier implements Qualifier {
  readonly optional = false
  readonly #field: string
  constructor(field: string) {
    this.#field = field
  }
  qualify(frame: Frame, of: Value): Value {
    frame.costs.spend(1)
    const found = part(of, this.#field)
    return found instanceof CelError ? found : found !== undefined
  }
  qualifyIfPresent(frame: Frame, of: Value): Value | undefined {
    const found = part(of, this.#field)
    if (found === undefined) return undefined
    frame.costs.spend(1)
    return found
  }
}

/** An index that is computed. */
export class ComputedQualifier implements Qualifier {
  readonly optional: boolean
  readonly #key: Attribute
  constructor(key: Attribute, optional: boolean) {
    this.#key = key
    this.optional = optional
  }
  qualify(frame: Frame, of: Value): Value {
    const key = this.#key.resolve(frame)
    const found = key instanceof CelError ? key : partOrError(of, key)
    frame.costs.spend(1)
    return found
  }
  qualifyIfPresent(frame: Frame, of: Value): Value | undefined {
    const key = this.#key.resolve(frame)
    if (key instanceof CelError) return key
    const found = part(of, key)
    if (found !== undefined && !(found instanceof CelError)) frame.costs.spend(1)
    return found
  }
}
