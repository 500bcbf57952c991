import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiPackage } from './packages.ts'

/**
 * The validation that upstream declares with its types (KEP-5073), read from what its generator made of the tags
 * (zz_generated.validations.go), since that has the order in which rules are asked. The notation is that of
 * src/machinery/schema/declared/rules.ts. Left out: rules that upstream only rehearses (alpha).
 */
export interface DeclaredRulesTable {
  /** By alias of the package and name of the type: the steps in order. */
  readonly types: Readonly<Record<string, readonly (readonly unknown[])[]>>
  /** `group/version/Kind`: the subresources whose writes ask the rules, '' for the object itself. */
  readonly kinds: Readonly<Record<string, readonly string[]>>
}

type Item = string | readonly Item[]

/** `isWanted`: of which packages. */
export function readDeclaredRules(
  kubernetes: string,
  packages: Iterable<ApiPackage>,
  isWanted: (group: string, version: string) => boolean,
): DeclaredRulesTable {
  const types = new Map<string, Item[][]>()
  const kinds: Record<string, string[]> = {}
  for (const each of packages) {
    if (each.group === undefined || !isWanted(each.group, each.version!)) continue
    const [folder] = each.alias.split('/')
    const file = join(kubernetes, 'pkg/apis', folder!, each.version!, 'zz_generated.validations.go')
    if (existsSync(file)) readFileOf(each, readFileSync(file, 'utf8'), constantsOf(each), types, kinds)
  }
  dropWhatSaysNothing(types)
  const served = Object.entries(kinds).filter(([, [type, ...doors]]) => types.has(type!) && doors.length > 0)
  return {
    types: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
    kinds: Object.fromEntries(served.map(([kind, [, ...doors]]) => [kind, doors])),
  }
}

/** A type's steps are a line each. */
export function printDeclaredRules({ types, kinds }: DeclaredRulesTable): string {
  const line = (value: unknown) => JSON.stringify(value)
  const members = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, value]) => `    ${line(name)}: ${value}`).join(',\n')
  const steps = (type: readonly unknown[]) => `[\n${type.map((step) => `      ${line(step)}`).join(',\n')}\n    ]`
  const typeMembers = Object.entries(types).map(([name, type]) => [name, steps(type)] as const)
  const kindMembers = Object.entries(kinds).map(([name, doors]) => [name, line(doors)] as const)
  return `{\n  "types": {\n${members(typeMembers)}\n  },\n  "kinds": {\n${members(kindMembers)}\n  }\n}\n`
}

function constantsOf({ folder }: ApiPackage): (name: string) => string {
  const source = readFileSync(join(folder, 'types.go'), 'utf8')
  return (name) => {
    const [, text, family] =
      new RegExp(`\\b${name}\\b[^=\\n]*=\\s*(?:\\w+\\()?(?:"([^"]*)"|v1\\.(IPv[46])Protocol)`).exec(source) ?? []
    const value = text ?? family
    if (value === undefined) throw new Error(`${folder}: no constant ${name}`)
    return value
  }
}

function readFileOf(
  { alias, group, version }: ApiPackage,
  source: string,
  constant: (name: string) => string,
  types: Map<string, Item[][]>,
  kinds: Record<string, string[]>,
): void {
  for (const [, kind, doors] of source.matchAll(/\/\/ type (\w+)\n[^]*?case ([^\n]*):/g)) {
    const names = [...doors!.matchAll(/"\/([^"]*)"/g)].map(([, door]) => door!).filter((door) => door !== 'scale')
    kinds[`${group}/${version}/${kind}`] = [`${alias}.${kind}`, ...names]
  }
  const enums = new Map<string, string[]>()
  for (const [, name, members] of source.matchAll(/^var symbolsFor(\w+) = sets\.New\(([^)]*)\)/gm)) {
    enums.set(
      name!,
      members!
        .split(', ')
        .map((member) => constant(member.split('.').at(-1)!))
        .sort(),
    )
  }
  const unions = new Map<string, string[]>()
  for (const [, name, members] of source.matchAll(/^var (\w+For_\w+) = validate\.NewUnionMembership\((.*)\)$/gm)) {
    unions.set(
      name!,
      [...members!.matchAll(/NewUnionMember\("((?:[^"\\]|\\.)*)"\)/g)].map(([, text]) => text!),
    )
  }
  for (const [, name, body] of source.matchAll(/^func Validate_(\w+)\([^{]*\{\n([^]*?)^\}/gm)) {
    const [own, ...fields] = body!.split(/^\t\{ \/\/ field /m)
    const read = (text: string) => readStatements(text, { alias, enums, unions })
    const steps: Item[][] = [['', ...read(own!)], ...fields.map((text) => [headerOf(text), ...read(text)])]
    types.set(`${alias}.${name}`, steps)
  }
}

/** The field's name in JSON, `*` behind a pointer's, `[]` behind a list's or map's; `.` for an embedded struct. */
function headerOf(text: string): string {
  if (text.includes('fn(safe.Value(')) return '.'
  const [, name, address] = /fn\(fldPath\.Child\("([^"]*)"\), (&?)obj\./.exec(text)!
  if (address === '&') return name!
  return /obj, oldObj (\[\]|map\[)/.test(text) ? `${name}[]` : `${name}*`
}

interface Names {
  readonly alias: string
  readonly enums: ReadonlyMap<string, readonly string[]>
  readonly unions: ReadonlyMap<string, readonly string[]>
}

function readStatements(text: string, names: Names): Item[] {
  const items: Item[] = []
  let rest = text.replaceAll(/^\s*\/\/.*$/gm, '')
  for (;;) {
    const found = /if e := |errs = append\(errs, (\w+\.)?Validate_(\w+)\(/.exec(rest)
    if (!found) return items
    rest = rest.slice(found.index + found[0].length)
    if (found[2] !== undefined) {
      items.push(`&${reference(found[1], found[2])}`)
      continue
    }
    const end = endOfCall(rest)
    const marks = /^[^;]*/.exec(rest.slice(end))![0]
    addCheck(items, rest.slice(0, end), marks, names)
    rest = rest.slice(end)
  }
}

/** Where the call that `text` begins with ends. */
function endOfCall(text: string): number {
  let depth = 0
  for (let at = text.indexOf('('); at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  throw new Error(`no end of ${text.slice(0, 80)}`)
}

function reference(packagePrefix: string | undefined, name: string): string {
  return packagePrefix === undefined ? name : `${packagePrefix.replace(/^core(v\d+)\.$/, 'core/$1.')}${name}`
}

function addCheck(items: Item[], call: string, marks: string, names: Names): void {
  const item = readCall(call.replaceAll(/\s+/g, ' '), names)
  if (item === undefined) return
  const mark = `${marks.includes('MarkAlpha') ? '?' : ''}${marks.includes('MarkShortCircuit') ? '!' : ''}`
  if (mark === '?') return
  if (typeof item === 'string') {
    const [, condition, check] = /^(@-?\w+:)?(.*)$/.exec(item)!
    items.push((condition ?? '') + mark + check!)
    return
  }
  // Rules of one member share their short circuits.
  const [member, check] = item as [string, string]
  const before = items.at(-1)
  if (Array.isArray(before) && before[0] === member) items[items.length - 1] = [...before, mark + check]
  else items.push([member, mark + check])
}

function readCall(call: string, names: Names): Item | undefined {
  const [, name, rest] = /^(?:validate\.)?(\w+)\( ?ctx, op, fldPath, obj, oldObj,? ?(.*)\)$/.exec(call)!
  if (name!.startsWith('ValidateCustom')) return undefined
  switch (name) {
    case 'Enum':
      return `enum=${names.enums.get(/symbolsFor(\w+)/.exec(rest!)![1]!)!.join(',')}`
    case 'Union':
      return `union=${names.unions.get(/^\w+/.exec(rest!)![0])!.join(',')}`
    case 'ZeroOrOneOfUnion': {
      const members = names.unions.get(/^\w+/.exec(rest!)![0])!.map((each) => /\{\\"(\w+)\\": \\"(\w+)\\"/.exec(each)!)
      return `atMostOneItem=${members[0]![1]}:${members.map(([, , value]) => value).join(',')}`
    }
    case 'IfOption': {
      const [, gate, wanted, then] = /^"(\w+)", (true|false), ?(.*)$/.exec(rest!)!
      return `@${wanted === 'true' ? '' : '-'}${gate!}:${validatorOf(then!)}`
    }
    case 'Discriminated': {
      const [, member] = /^"(\w+)"/.exec(rest!)!
      const discriminator = /return obj\.(\w+) },? validate\./.exec(rest!)![1]!
      const [, value, body] = /Value: "(\w+)",(.*)$/.exec(rest!)!
      const rule = body!.includes('Required') ? 'required' : 'optional'
      return `member=${member}:${jsonName(discriminator)}:${value}:${rule}`
    }
    case 'Subfield':
      return [/^"(\w+)"/.exec(rest!)![1]!, validatorOf(rest!.split(', ').at(-1)!)]
    case 'ValSliceUnique':
      return `unique=${keysOf(rest!)}`
    case 'ValSliceUpdate': {
      const constraints = [...rest!.matchAll(/validate\.(No(?:Add|Remove)Item)/g)].map(([, name]) => name!)
      return `itemsUpdate=${keysOf(rest!)}:${constraints.join(',')}`
    }
    case 'EachValSliceVal': {
      const match = /^ ?(nil|validate\.DirectEqual|func.*?\{.*?\}), (?:nil|validate\.\w+), ?(.*)$/.exec(rest!)!
      return `[${match[1] === 'nil' ? '' : keysOf(match[1]!)}]${validatorOf(match[2]!)}`
    }
    case 'EachMapVal':
      return `{}${validatorOf(/^validate\.\w+, (.*)$/.exec(rest!)![1]!)}`
    case 'EachMapKey':
      return `{keys}${validatorOf(rest!)}`
    case 'DependentRequired':
    case 'DependentForbidden':
      // Rehearsed only; an enforced one would have no notation.
      return '?'
    default:
      return `${checkName(name!)}${rest === '' ? '' : `=${rest!.replaceAll(/validate\.| /g, '')}`}`
  }
}

/** A function that is passed on: a check, a type's rules, or a literal around a check. */
function validatorOf(text: string): string {
  const inner = /validate\.(\w+)\(ctx, op, fldPath, obj, oldObj(?:, (\d+))?\)/.exec(text)
  if (inner) return `${checkName(inner[1]!)}${inner[2] === undefined ? '' : `=${inner[2]}`}`
  const [, prefix, type, check] = /^(\w+\.)?(?:Validate_(\w+)|([A-Z]\w+))$/.exec(text.trim())!
  return type === undefined ? checkName(check!) : `&${reference(prefix, type)}`
}

/** What is one rule for us has a name for each form of value in Go. */
function checkName(name: string): string {
  const bare = name.replace(/^(Required|Optional|Forbidden|Update)(?:ValueByCompare|Value|Pointer|Slice|Map)$/, '$1')
  return jsonName(bare)
}

/** The members by which items are told apart; `=` for the whole item. */
function keysOf(match: string): string {
  if (match.includes('DirectEqual')) return '='
  return [...new Set([...match.matchAll(/\ba\.(\w+)/g)].map(([, member]) => jsonName(member!)))].join(',')
}

function jsonName(member: string): string {
  return /^[A-Z]+$/.test(member) ? member.toLowerCase() : member[0]!.toLowerCase() + member.slice(1)
}

/** Takes out types without a rule that can say something, and what refers to them, until nothing changes. */
function dropWhatSaysNothing(types: Map<string, Item[][]>): void {
  const known = (alias: string, item: string): boolean => {
    const name = /&(.*)$/.exec(item)?.[1]
    return name === undefined || types.has(name.includes('.') ? name : `${alias}.${name}`)
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const [type, steps] of types) {
      const alias = type.slice(0, type.lastIndexOf('.'))
      const kept = steps.map((step) => keepsOf(step, (item) => known(alias, item))).filter((step) => step.length > 1)
      if (kept.length === 0) types.delete(type)
      else types.set(type, kept)
      changed ||= kept.length !== steps.length || JSON.stringify(kept) !== JSON.stringify(steps)
    }
  }
}

function keepsOf(step: readonly Item[], known: (item: string) => boolean): Item[] {
  const items = step.slice(1).filter((item) => typeof item !== 'string' || (item !== '?' && known(item)))
  const says = (item: Item) => typeof item !== 'string' || !/^(?:@-?\w+:)?(?:\?|!?optional$)/.test(item)
  const last = items.findLastIndex(says)
  return [step[0]!, ...items.slice(0, last + 1)]
}
