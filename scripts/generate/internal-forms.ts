import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiPackage } from './packages.ts'

interface GoMember {
  /** '' for an embedded struct. */
  readonly name: string
  readonly type: string
  readonly json: string
}

/**
 * The members of upstream's internal types (pkg/apis/<group>/types.go) in Go's names and order, as errors print them, for
 * those that a version has under the same name. A member is `Name`, or `Name:json` where the name in JSON does not follow
 * from it; `*` behind it: nil when unset, `-`: zero when unset, where the version's type says otherwise.
 */
export function readInternalForms(
  kubernetes: string,
  packages: Iterable<ApiPackage>,
): Readonly<Record<string, string>> {
  const forms: Record<string, string> = {}
  for (const { alias, folder, group, version } of packages) {
    if (group === undefined || version === undefined || !/^v\d+$/.test(version)) continue
    const internal = join(kubernetes, 'pkg/apis', alias.split('/')[0]!)
    if (!existsSync(join(internal, 'types.go'))) continue
    const theirs = readStructs(internal)
    const ours = readStructs(folder)
    for (const [name, members] of theirs) {
      const published = ours.get(name)
      if (published === undefined || members.some(({ json }) => json !== '')) continue
      forms[`${alias}.${name}`] = tokensOf(members, theirs, published, ours).join(' ')
    }
  }
  return Object.fromEntries(Object.entries(forms).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export function printInternalForms(forms: Readonly<Record<string, string>>): string {
  const lines = Object.entries(forms).map(([name, tokens]) => `  ${JSON.stringify(name)}: ${JSON.stringify(tokens)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

/** What the reader takes a member for that no version has (src/api/internal-form.ts). */
const unpublished = 'int32'

type Structs = ReadonlyMap<string, readonly GoMember[]>

function tokensOf(
  members: readonly GoMember[],
  theirs: Structs,
  published: readonly GoMember[],
  ours: Structs,
): string[] {
  const flat = flattened(published, ours)
  return flattened(members, theirs).map(({ name, type }) => {
    const member = flat.find((each) => each.name === name)
    const json = member?.json || lowerFirst(name)
    const mark = isNil(type) === isNil(member?.type ?? unpublished) ? '' : isNil(type) ? '*' : '-'
    return `${name}${json === lowerFirst(name) ? '' : `:${json}`}${mark}`
  })
}

/** With the members of embedded structs in their place; metadata stays one. */
function flattened(members: readonly GoMember[], structs: Structs): GoMember[] {
  return members.flatMap((member) => {
    if (member.name !== '') return [member]
    if (member.type === 'metav1.ObjectMeta') return [{ name: 'Metadata', type: 'ObjectMeta', json: 'metadata' }]
    const inner = structs.get(member.type)
    return inner === undefined ? [] : flattened(inner, structs)
  })
}

function isNil(type: string): boolean {
  return /^(?:\*|\[\]|map\[)/.test(type)
}

function lowerFirst(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1)
}

function readStructs(folder: string): Structs {
  const structs = new Map<string, GoMember[]>()
  for (const file of readdirSync(folder).filter((name) => /types.*\.go$/.test(name) && !name.endsWith('_test.go'))) {
    const source = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '')
    for (const [, name, body] of source.matchAll(/^type (\w+) struct \{\n([^]*?)^\}/gm)) {
      structs.set(
        name!,
        body!.split('\n').flatMap((line) => memberOf(line) ?? []),
      )
    }
  }
  return structs
}

function memberOf(line: string): GoMember | undefined {
  const code = line.replace(/(^|\s)\/\/.*$/, '')
  const match = /^\t(?:(\w+)\s+)?([\w.[\]*{}]+)\s*(?:`([^`]*)`)?\s*$/.exec(code)
  if (!match) return undefined
  const [, name = '', type = '', tags = ''] = match
  const json = /json:"([^",]*)/.exec(tags)?.[1] ?? ''
  // An embedded struct, which JSON may give a name of its own (metadata).
  if (name === '') return { name: '', type: type === 'metav1.TypeMeta' ? '' : type, json: '' }
  return { name, type, json }
}
