import type { Checked } from './checked.ts'
import type { OverloadCosts } from './cost/cost-model.ts'
import { type FunctionDeclaration, mergeFunctions } from './function.ts'
import type { Macro } from './macro.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  type Type,
  typeType,
  uintType,
} from './type.ts'
import type { Value } from './value.ts'

/** Structs that expressions know by name. */
export interface StructTypes {
  /** The type of that name, or undefined. */
  find(name: string): Type | undefined
  /** The type of a field, or undefined. */
  field(typeName: string, field: string): Type | undefined
  /** `Name{field: value}`; absent: its values cannot be made. */
  construct?(typeName: string, fields: ReadonlyMap<string, Value>): Value
}

/** A set of functions, macros and types that belong together. */
export interface Library {
  readonly functions?: readonly FunctionDeclaration[]
  readonly macros?: readonly Macro[]
  readonly types?: readonly Type[]
  readonly checks?: readonly AstCheck[]
  readonly costs?: OverloadCosts
}

/** What expressions may name, and what it costs them (cel-go cel/env.go). */
export interface Environment {
  readonly variables: ReadonlyMap<string, Type>
  readonly functions: ReadonlyMap<string, FunctionDeclaration>
  readonly macros: readonly Macro[]
  /** Types as values, by name. */
  readonly types: ReadonlyMap<string, Type>
  readonly structs: readonly StructTypes[]
  readonly checks: readonly AstCheck[]
  readonly costs: OverloadCosts
}

/** Looks at an expression that is well typed; reports by the id of what is wrong (cel-go cel/validator.go). */
export type AstCheck = (
  checked: Checked,
  environment: Environment,
  report: (id: number, message: string) => void,
) => void

const standardTypes = [
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
]

export function createEnvironment(libraries: readonly Library[]): Environment {
  const functions = new Map<string, FunctionDeclaration>()
  for (const library of libraries) mergeFunctions(functions, library.functions ?? [])
  const types = [...standardTypes, ...libraries.flatMap((library) => library.types ?? [])]
  return {
    variables: new Map(),
    functions,
    macros: libraries.flatMap((library) => library.macros ?? []),
    types: new Map(types.map((type) => [type.name, type])),
    structs: [],
    checks: libraries.flatMap((library) => library.checks ?? []),
    costs: new Map(libraries.flatMap((library) => [...(library.costs ?? [])])),
  }
}

export interface Extension {
  readonly variables?: Iterable<readonly [string, Type]>
  readonly structs?: StructTypes
  readonly libraries?: readonly Library[]
}

export function extendEnvironment(base: Environment, extension: Extension): Environment {
  const variables = new Map([...base.variables, ...(extension.variables ?? [])])
  const structs = extension.structs === undefined ? base.structs : [extension.structs, ...base.structs]
  if (extension.libraries === undefined) return { ...base, variables, structs }
  const more = createEnvironment(extension.libraries)
  return {
    variables,
    structs,
    functions: mergeFunctions(new Map(base.functions), more.functions.values()),
    macros: [...base.macros, ...more.macros],
    types: new Map([...base.types, ...more.types]),
    checks: [...base.checks, ...more.checks],
    costs: new Map([...base.costs, ...more.costs]),
  }
}
