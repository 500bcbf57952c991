import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A Go type expression, as far as the API's types use the language. */
export type GoType =
  | { readonly is: 'scalar'; readonly scalar: Scalar }
  | { readonly is: 'list'; readonly of: GoType }
  | { readonly is: 'map'; readonly key: GoType; readonly of: GoType }
  | { readonly is: 'pointer'; readonly to: GoType }
  | { readonly is: 'named'; readonly package: string; readonly name: string }

const scalars = ['string', 'bool', 'int', 'int32', 'int64', 'uint64', 'float64', 'bytes', 'any'] as const
export type Scalar = (typeof scalars)[number]

export interface GoField {
  /** '' for an embedded struct whose members appear as the outer one's. */
  readonly json: string
  readonly type: GoType
  readonly omitempty: boolean
  readonly omitzero: boolean
  readonly number?: number
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

export interface GoStruct {
  readonly is: 'struct'
  readonly fields: readonly GoField[]
}
export type GoDeclaration = GoStruct | GoNamed
/** A type named after another one. */
export interface GoNamed {
  readonly is: 'alias'
  readonly of: GoType
  /** `type A = B`: another name for the same type. */
  readonly same: boolean
  /** The constants of a closed set (+enum). */
  readonly enum?: readonly string[]
}

/** All exported types of the Go package in `folder`; `path` is its import path. */
export function readGoPackage(folder: string, path: string): ReadonlyMap<string, GoDeclaration> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.go') && !/_test\.go$|^zz_|^generated\.pb|_swagger_doc_|_fuzz\.go$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  const constants = new Map<string, string[]>()
  for (const source of files) {
    for (const [, type, value] of source.matchAll(/^\s+\w+\s+(\w+)\s*=\s*"([^"]*)"/gm)) {
      constants.set(type!, [...(constants.get(type!) ?? []), value!])
    }
    // The only constants that are those of another package: AddressType(v1.IPv4Protocol), whose value is "IPv4".
    for (const [, type, text, family] of source.matchAll(
      /^(?:const )?\s*\w+\s*=\s*(\w+)\((?:"([^"]*)"|v1\.(IPv[46])Protocol)\)/gm,
    )) {
      constants.set(type!, [...(constants.get(type!) ?? []), (text ?? family)!])
    }
  }
  const declarations = new Map<string, GoDeclaration>()
  for (const source of files) readFile(source, path, constants, declarations)
  return declarations
}

function readFile(
  source: string,
  path: string,
  constants: ReadonlyMap<string, readonly string[]>,
  into: Map<string, GoDeclaration>,
): void {
  const imports = new Map<string, string>()
  for (const [, alias, target] of source.matchAll(/^(?:import )?\s*([\w.]+ )?"([\w./-]+)"$/gm)) {
    imports.set(alias?.trim() ?? target!.split('/').at(-1)!, target!)
  }
  const enums = new Set<string>()
  for (const [, comment, name] of source.matchAll(/((?:^\/\/.*\n)+)type (\w+) string/gm)) {
    if (/^\/\/ \+enum$/m.test(comment!)) enums.add(name!)
  }
  const lines = source
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/.*$/, '').trimEnd())
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const struct = /^type (\w+) struct ?\{(\})?$/.exec(line)
    if (struct) {
      const fields: GoField[] = []
      while (struct[2] === undefined && lines[++at] !== '}') {
        const field = readField(lines[at]!, path, imports)
        if (field) fields.push(field)
      }
      into.set(struct[1]!, { is: 'struct', fields })
      continue
    }
    const alias = /^type ([A-Z]\w*) (= )?([\w.[\]*{}]+)$/.exec(line)
    if (alias && !/^(?:func|interface)/.test(alias[3]!)) {
      const [, name, same, of] = alias
      const values = enums.has(name!) ? [...new Set(constants.get(name!) ?? [])] : undefined
      into.set(name!, {
        is: 'alias',
        of: readType(of!, path, imports),
        same: same !== undefined,
        enum: values?.length ? values : undefined,
      })
    }
  }
}

function readField(line: string, path: string, imports: ReadonlyMap<string, string>): GoField | undefined {
  const match = /^\t(?:(\w+)\s+)?([\w.[\]*{}]+)\s*(?:`([^`]*)`)?$/.exec(line)
  if (!match) {
    if (line.includes('json:')) throw new Error(`${path}: cannot read the field ${JSON.stringify(line)}`)
    return undefined
  }
  const [, name, type, tags = ''] = match
  if (name !== undefined && !/^[A-Z]/.test(name)) return undefined
  const tag = (key: string) => new RegExp(`(?:^|\\s)${key}:"([^"]*)"`).exec(tags)?.[1]
  const json = tag('json')
  const protobuf = tag('protobuf')
  if (json === '-') return undefined
  if (json === undefined && protobuf === undefined && name !== undefined) return undefined
  const [jsonName = '', ...options] = (json ?? (name ? name : '')).split(',')
  const inline = jsonName === '' && (name === undefined || options.includes('inline'))
  const number = protobuf === undefined || protobuf === '-' ? undefined : Number(protobuf.split(',')[1])
  return {
    json: inline ? '' : jsonName,
    type: readType(type!, path, imports),
    omitempty: options.includes('omitempty'),
    omitzero: options.includes('omitzero'),
    number,
    patchStrategy: tag('patchStrategy'),
    patchMergeKey: tag('patchMergeKey'),
  }
}

function readType(text: string, path: string, imports: ReadonlyMap<string, string>): GoType {
  const inner = (rest: string) => readType(rest, path, imports)
  if (text === '[]byte') return { is: 'scalar', scalar: 'bytes' }
  if (text === 'interface{}') return { is: 'scalar', scalar: 'any' }
  if (text.startsWith('*')) return { is: 'pointer', to: inner(text.slice(1)) }
  if (text.startsWith('[]')) return { is: 'list', of: inner(text.slice(2)) }
  const map = /^map\[([\w.]+)\](.*)$/.exec(text)
  if (map) return { is: 'map', key: inner(map[1]!), of: inner(map[2]!) }
  const scalar = scalars.find((name) => name === text)
  if (scalar) return { is: 'scalar', scalar }
  const dot = text.indexOf('.')
  if (dot < 0) return { is: 'named', package: path, name: text }
  return { is: 'named', package: imports.get(text.slice(0, dot)) ?? text.slice(0, dot), name: text.slice(dot + 1) }
}
