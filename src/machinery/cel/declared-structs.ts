import type { StructTypes } from './environment.ts'
import { objectType, type Type } from './type.ts'

/** Structs whose fields are written down: type names with the types of their fields. */
export type StructFields = Readonly<Record<string, Readonly<Record<string, Type>>>>

/** Words that are no identifiers (the lexer's). */
export const reservedWords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A field whose name is a word of the language may be selected by it, though it is declared escaped. */
export function declaredField<T>(fields: Readonly<Record<string, T>>, name: string): T | undefined {
  if (Object.hasOwn(fields, name)) return fields[name]
  const escaped = `__${name}__`
  return reservedWords.has(name) && Object.hasOwn(fields, escaped) ? fields[escaped] : undefined
}

export function declaredStructs(structs: StructFields): StructTypes {
  return {
    find: (name) => (Object.hasOwn(structs, name) ? objectType(name) : undefined),
    field: (typeName, field) =>
      Object.hasOwn(structs, typeName) ? declaredField(structs[typeName]!, field) : undefined,
  }
}
