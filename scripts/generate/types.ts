import type { Field, Schema } from '../../src/machinery/schema/schema.ts'
import { definitionNamed, resourceFacts, servedByDefault, type ResourceFacts } from '../../src/api/schema/facts.ts'
import type { FactsTable } from './table.ts'

/** Definitions that have a hand-written type, or none since they are plain values. */
const elsewhere: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': 'ObjectMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': 'ListMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference': 'OwnerReference',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry': 'ManagedFieldsEntry',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status': 'Status',
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails': 'StatusDetails',
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause': 'StatusCause',
}
const wrapped: Readonly<Record<NonNullable<Schema['wrapper']>, string>> = {
  quantity: 'Quantity',
  intOrString: 'IntOrString',
  time: 'Time',
  microTime: 'MicroTime',
  duration: 'Duration',
  rawExtension: 'RawExtension',
  fieldsV1: 'RawExtension',
  json: 'unknown',
  stringList: 'readonly string[]',
  schemaOrArray: 'JSONSchemaProps | readonly JSONSchemaProps[]',
  schemaOrBool: 'JSONSchemaProps | boolean',
  schemaOrStringArray: 'JSONSchemaProps | readonly string[]',
}

const header = `// Written by scripts/generate.ts from the facts table; do not edit.
import type { Status } from '../machinery/errors.ts'
import type { KubeList, KubeObject, ListMeta, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../machinery/meta/object.ts'

export type { ManagedFieldsEntry, ObjectMeta, OwnerReference }
/** Canonical: \`100m\`, \`1Gi\`. */
export type Quantity = string
export type IntOrString = number | string
/** RFC 3339, whole seconds, UTC. */
export type Time = string
/** RFC 3339 with six fractional digits, UTC. */
export type MicroTime = string
/** As Go prints it: \`1m30s\`. */
export type Duration = string
/** An object of any kind. */
export type RawExtension = { readonly [field: string]: unknown }
`

/** Whether a version is served by default, or is the preferred one of a kind that is in no such version. */
function hasTypes(group: string, version: string): boolean {
  if (servedByDefault(version)) return true
  const here = resourceFacts.filter((each) => each.group === group && each.version === version)
  const first = ({ kind }: ResourceFacts) => resourceFacts.find((each) => each.group === group && each.kind === kind)
  return here.some((each) => first(each) === each)
}

/** Type names of all definitions of such versions: the shortest name that is unambiguous; see {@link assignNames}. */
export function typeNames(table: FactsTable): ReadonlyMap<string, string> {
  const candidates: Candidate[] = []
  for (const [alias, [prefix, group, version]] of Object.entries(table.packages)) {
    if (version !== undefined && !hasTypes(group!, version)) continue
    for (const name of Object.keys(table.definitions[alias]!)) {
      const full = `${prefix}.${name}`
      const schema = definitionNamed(full)!
      if (schema.name === undefined || schema.wrapper || elsewhere[full]) continue
      candidates.push({ full, name, alias, rank: rankOf(name, alias, group, version) })
    }
  }
  return assignNames(candidates)
}

interface Candidate {
  readonly full: string
  readonly name: string
  readonly alias: string
  readonly rank: number
}

/**
 * Kinds of resources come before other definitions, what is off by default comes last; upstream's order of groups and
 * versions decides the rest.
 */
function rankOf(name: string, alias: string, group?: string, version?: string): number {
  const at = resourceFacts.findIndex((each) => each.group === group && each.version === version)
  const isKind = resourceFacts.some((each) => each.group === group && each.version === version && each.kind === name)
  const isOff = version !== undefined && !servedByDefault(version)
  return (isOff ? 20_000 : 0) + (isKind ? 0 : 10_000) + (at < 0 ? (alias === 'meta/v1' ? -1 : 9_000) : at)
}

/** The first of several equal names stays; another version of its group gets `V1`, another group `EventsV1…`. */
function assignNames(candidates: readonly Candidate[]): ReadonlyMap<string, string> {
  const pascal = (text: string) => text[0]!.toUpperCase() + text.slice(1)
  const names = new Map<string, string>()
  const taken = new Map<string, Candidate>()
  for (const candidate of [...candidates].sort((a, b) => a.rank - b.rank)) {
    const first = taken.get(candidate.name)
    const [group, version] = candidate.alias.split('/') as [string, string]
    let name = candidate.name
    if (first)
      name = first.alias.startsWith(`${group}/`) ? name + pascal(version) : pascal(group) + pascal(version) + name
    else taken.set(name, candidate)
    names.set(candidate.full, name)
  }
  return names
}

/** The file src/api/types.generated.ts. */
export function printTypes(table: FactsTable): string {
  const names = typeNames(table)
  const blocks = [...names].map(([full, name]) => printType(name, definitionNamed(full)!, names))
  return `${header}\n${blocks.join('\n')}`
}

function printType(name: string, schema: Schema, names: ReadonlyMap<string, string>): string {
  const properties: ReadonlyMap<string, Field> = schema.properties ?? new Map()
  const isKind = properties.has('apiVersion') && properties.has('kind')
  const metadata = properties.get('metadata')?.schema.name
  const isObject = isKind && metadata?.endsWith('.ObjectMeta')
  const items = properties.get('items')?.schema.items
  const ofObjects =
    items?.wrapper !== undefined || items?.properties?.get('metadata')?.schema.name?.endsWith('.ObjectMeta')
  const isList = isKind && metadata?.endsWith('.ListMeta') && ofObjects
  const required = new Set(schema.required)
  if (isList) {
    const item = typeOf(items!, names)
    return `export type ${name} = KubeList<${item === 'RawExtension' ? 'KubeObject' : item}>\n`
  }
  const lines: string[] = []
  for (const [member, field] of properties) {
    if (isObject && (member === 'apiVersion' || member === 'kind' || member === 'metadata')) continue
    const there = required.has(member) || (field.always && alwaysThere(field, isObject === true))
    const key = /^\w+$/.test(member) ? member : `'${member}'`
    lines.push(`  readonly ${key}${there ? '' : '?'}: ${typeOf(field.schema, names)}`)
  }
  return `export interface ${name}${isObject ? ' extends KubeObject' : ''} {${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}}\n`
}

/**
 * Of what Go always writes without the schema requiring it: scalars, a kind's own spec and status, and structs that could
 * not be empty (PodSpec in a template). Lists and maps may be null, and `resources: {}` is left to the writer's taste.
 */
function alwaysThere({ schema, pointer }: Field, ofObject: boolean): boolean {
  if (pointer || schema.type === 'array' || schema.values || schema.wrapper === 'time') return false
  return schema.properties === undefined || ofObject || (schema.required?.length ?? 0) > 0
}

function typeOf(schema: Schema, names: ReadonlyMap<string, string>): string {
  if (schema.wrapper) return wrapped[schema.wrapper]
  if (schema.name !== undefined) return elsewhere[schema.name] ?? names.get(schema.name) ?? 'unknown'
  if (schema.enum) return schema.enum.map((value) => `'${String(value)}'`).join(' | ')
  if (schema.items) {
    const item = typeOf(schema.items, names)
    return `readonly ${item.includes(' ') ? `(${item})` : item}[]`
  }
  if (schema.values) return `{ readonly [key: string]: ${typeOf(schema.values, names)} }`
  if (schema.type === 'integer') return 'number'
  return schema.type === undefined ? 'unknown' : schema.type
}
