import type { FieldError } from '../../machinery/field-error.ts'
import { declaredRules, type DeclaredRules, type DeclaredTypes } from '../../machinery/schema/declared/rules.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import { goPackage, schemaOfKind } from './facts.ts'
import table from './declared-rules.generated.json' with { type: 'json' }

/** The validation that upstream declares with its types, as scripts/generate.ts finds it. */
export interface DeclaredValidation {
  /** The subresources whose writes ask the rules, '' for the object itself. */
  readonly doors: readonly string[]
  readonly rules: DeclaredRules
}

/** What scripts/generate.ts writes: the rules by type, and the doors by kind. */
export interface DeclaredTable {
  readonly types: unknown
  readonly kinds: Readonly<Record<string, readonly string[]>>
}

/** Of the kinds that are served by default. */
export const declaredByDefault: DeclaredTable = table

export function declaredValidation(
  { types, kinds }: DeclaredTable,
  group: string,
  version: string,
  kind: string,
): DeclaredValidation | undefined {
  const doors = kinds[`${group}/${version}/${kind}`]
  if (doors === undefined) return undefined
  const rules = declaredRules(types as DeclaredTypes, `${goPackage(group)}/${version}.${kind}`)
  return { doors, rules: showingInOrder(rules, () => schemaOfKind(group, version, kind)!) }
}

/** Values that faults show have their members in Go's order, which defaults that were added do not keep. */
function showingInOrder(rules: DeclaredRules, schema: () => Schema): DeclaredRules {
  const inOrder = (value: object) => normalize(schema(), value) as object
  return (value, old, enabled) => {
    const errors = rules(value, old, enabled)
    const shows = errors.some(({ badValue }) => typeof badValue === 'object' && badValue !== null)
    return shows ? rules(inOrder(value), old && inOrder(old), enabled) : errors
  }
}

/** Hand-written rules count characters, and say so. */
const inBytes = (detail: string | undefined) => detail?.replace(/^(must be no more than \d+) characters$/, '$1 bytes')

const found = new WeakSet<FieldError>()

/** Whether a declared rule found it. */
export function isDeclared(error: FieldError): boolean {
  return found.has(error)
}

/**
 * What hand-written rules found, less what declared ones say as well, then the declared (apiserver
 * pkg/registry/rest/validate.go ValidateDeclarativelyWithMigrationChecks).
 */
export function withDeclared(written: readonly FieldError[], declared: readonly FieldError[]): FieldError[] {
  const covers = (error: FieldError) =>
    declared.some(
      ({ type, field, detail }) =>
        type === error.type &&
        field === error.field &&
        (type !== 'FieldValueInvalid' || detail === inBytes(error.detail)),
    )
  for (const error of declared) found.add(error)
  return declared.length === 0 ? [...written] : [...written.filter((error) => !covers(error)), ...declared]
}
