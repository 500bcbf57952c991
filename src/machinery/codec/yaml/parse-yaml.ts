import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException, type Event } from 'js-yaml'
import { goQuote } from '../../field-error.ts'
import { DecodeError } from '../decode-error.ts'
import { nesting } from '../nesting.ts'
import { formatGoFloat } from './go-float.ts'
import { parsePlainYaml } from './parse-plain-yaml.ts'
import { resolveScalar } from './resolve-scalar.ts'
import { checkNesting } from './yaml-nesting.ts'
import { checkYamlText, tooDeep, yamlFault } from './yaml-fault.ts'

/** A document as JSON, the way sigs.k8s.io/yaml's YAMLToJSON makes it. */
export interface YamlDocument {
  readonly value: unknown
  /** `line 3: key "a" already set in map`, in the order of the text; the last value stands. */
  readonly duplicates: readonly string[]
}

/** The first document, which is all that an API server reads; null when there is none. Throws DecodeError. */
export function parseYaml(text: string): YamlDocument {
  const plain = parsePlainYaml(text)
  if (plain !== undefined) return plain
  const end = endOfFirst(text)
  if (end < text.length) {
    try {
      return parseYamlDocuments(text.slice(0, end))[0] ?? { value: null, duplicates: [] }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      // It may be wrong because of what follows.
    }
  }
  try {
    return parseYamlDocuments(text)[0] ?? { value: null, duplicates: [] }
  } catch (error) {
    // What follows the first document is nobody's concern.
    const cause = error instanceof DecodeError ? error.cause : undefined
    if (!(cause instanceof YAMLException) || !cause.reason.startsWith('end of the stream or')) throw error
    return parseYamlDocuments(text.slice(0, cause.mark?.position))[0] ?? { value: null, duplicates: [] }
  }
}

/** Where the mark is that ends the first document; a mark at its beginning, behind no more than comments, is its own. */
function endOfFirst(text: string): number {
  mark.lastIndex = beginning.exec(text)![0].length
  return mark.exec(text)?.index ?? text.length
}
const beginning = /^(?:[ \t]*(?:#.*)?\n)*(?:---(?=\s|$))?/
const mark = /^(?:---|\.\.\.)(?=\s|$)/gm

/** All documents of a stream, empty ones as null. Throws DecodeError. */
export function parseYamlDocuments(text: string): YamlDocument[] {
  checkYamlText(text)
  let events: Event[]
  try {
    events = parseEvents(text, { maxDepth })
  } catch (error) {
    // Its parser calls itself for each level.
    if (error instanceof RangeError) throw tooDeep()
    if (!(error instanceof YAMLException)) throw error
    throw yamlFault(text, error)
  }
  checkNesting(text, events)
  try {
    return new Constructor(text, events).documents()
  } catch (error) {
    // Aliases nest what the text does not.
    if (error instanceof RangeError) throw tooDeep()
    throw error
  }
}

/** The error of a strict reader (yaml.UnmarshalStrict). */
export function duplicatesMessage(duplicates: readonly string[]): string {
  return `yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`
}

/** Its parser counts scalars, and collections of both styles together. */
const maxDepth = nesting.yaml + 50

type Members = Record<string, unknown>

// Aliases let a small text stand for a large value; what is beyond these is an attack (CVE-2019-11253).
const maxAliasedNodes = 100_000
const tagPrefix = 'tag:yaml.org,2002:'

class Constructor {
  readonly #text: string
  readonly #events: readonly Event[]
  #at = 0
  /** Where each anchor's node begins. */
  readonly #anchors = new Map<string, number>()
  readonly #open = new Set<string>()
  #aliasedNodes = 0
  #duplicates: string[] = []
  /** The line that begins at `at`. */
  #counted = { at: 0, line: 1 }

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  documents(): YamlDocument[] {
    const documents: YamlDocument[] = []
    while (this.#at < this.#events.length) {
      this.#at++
      this.#anchors.clear()
      this.#duplicates = []
      const value = this.#events[this.#at]?.type === EVENT_ID.POP ? null : this.#node()
      this.#at++
      documents.push({ value, duplicates: this.#duplicates })
    }
    return documents
  }

  #node(): unknown {
    const at = this.#at
    const event = this.#events[this.#at++]!
    if (this.#open.size > 0 && ++this.#aliasedNodes > maxAliasedNodes) {
      throw new DecodeError('yaml: document contains excessive aliasing')
    }
    if (event.type === EVENT_ID.ALIAS)
      return this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd), () => this.#node())
    if ('anchorStart' in event && event.anchorStart >= 0) {
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), at)
    }
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event)
      case EVENT_ID.SEQUENCE:
        return this.#sequence()
      case EVENT_ID.MAPPING:
        return this.#mapping({})
      default:
        throw new DecodeError('yaml: unexpected end of the document')
    }
  }

  /** Reads the anchor's node again. */
  #alias<T>(name: string, read: () => T): T {
    const target = this.#anchors.get(name)
    if (target === undefined) throw new DecodeError(`yaml: unknown anchor '${name}' referenced`)
    if (this.#open.has(name)) throw new DecodeError(`yaml: anchor '${name}' value contains itself`)
    this.#open.add(name)
    const back = this.#at
    this.#at = target
    const value = read()
    this.#at = back
    this.#open.delete(name)
    return value
  }

  #sequence(): unknown[] {
    const items: unknown[] = []
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) items.push(this.#node())
    this.#at++
    return items
  }

  #mapping(into: Members): Members {
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) {
      if (this.#isMerge(this.#events[this.#at]!)) {
        this.#at++
        this.#merge(into)
        continue
      }
      const key = this.#node()
      const valueEvent = this.#events[this.#at]!
      const value = this.#node()
      const name = keyText(key, value)
      if (Object.hasOwn(into, name)) {
        const line = this.#line(valueEvent)
        const shown = typeof key === 'string' ? goQuote(key) : name
        this.#duplicates.push(`line ${line}: key ${shown} already set in map`)
      }
      if (name === '__proto__') {
        Object.defineProperty(into, name, { value, enumerable: true, writable: true, configurable: true })
      } else into[name] = value
    }
    this.#at++
    return into
  }

  #isMerge(event: Event): boolean {
    return (
      event.type === EVENT_ID.SCALAR &&
      event.style === SCALAR_STYLE.PLAIN &&
      event.tagStart < 0 &&
      event.valueEnd - event.valueStart === 2 &&
      getScalarValue(this.#text, event) === '<<'
    )
  }

  /** `<<`: the members of a mapping, or of several, of which earlier ones win. */
  #merge(into: Members): void {
    const event = this.#events[this.#at++]!
    if (event.type === EVENT_ID.MAPPING) {
      this.#mapping(into)
    } else if (event.type === EVENT_ID.ALIAS) {
      this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd), () => this.#merge(into))
    } else if (event.type === EVENT_ID.SEQUENCE) {
      const merged: Members[] = []
      while (this.#events[this.#at]!.type !== EVENT_ID.POP) {
        const members: Members = {}
        this.#merge(members)
        merged.push(members)
      }
      this.#at++
      for (const members of merged.reverse()) Object.defineProperties(into, Object.getOwnPropertyDescriptors(members))
    } else {
      throw new DecodeError('yaml: map merge requires map or sequence of maps as the value')
    }
  }

  #scalar(event: Event & { type: typeof EVENT_ID.SCALAR }): unknown {
    const text = getScalarValue(this.#text, event)
    const tag = event.tagStart < 0 ? '' : this.#tag(this.#text.slice(event.tagStart, event.tagEnd))
    if (tag === '' && event.style !== SCALAR_STYLE.PLAIN) return text
    if (tag === '' || tag === '?') return finite(resolveScalar(text).value)
    if (tag === 'binary') return binaryText(text)
    const resolved = resolveScalar(text)
    if (tag === resolved.tag || (tag === 'float' && resolved.tag === 'int')) return finite(resolved.value)
    if (tag === 'int' || tag === 'float' || tag === 'bool' || tag === 'null' || tag === 'timestamp') {
      throw new DecodeError(`yaml: cannot decode !!${resolved.tag} \`${text}\` as a !!${tag}`)
    }
    return text
  }

  #tag(tag: string): string {
    if (tag.startsWith('!!')) return tag.slice(2)
    if (tag.startsWith(`!<${tagPrefix}`)) return tag.slice(2 + tagPrefix.length, -1)
    return 'str'
  }

  #line(event: Event): number {
    const start =
      'start' in event
        ? event.start
        : 'valueStart' in event
          ? event.valueStart
          : 'anchorStart' in event
            ? event.anchorStart
            : 0
    // Asked in the order of the text, but for aliases.
    if (start < this.#counted.at) this.#counted = { at: 0, line: 1 }
    let { at, line } = this.#counted
    for (let end = this.#text.indexOf('\n', at); end >= 0 && end < start; end = this.#text.indexOf('\n', at)) {
      at = end + 1
      line++
    }
    this.#counted = { at, line }
    return line
  }
}

/** Infinity and NaN have no form in JSON. */
function finite(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  throw new DecodeError(`json: unsupported value: ${text}`)
}

/** Keys that are no strings become what go-yaml prints. */
function keyText(key: unknown, value: unknown): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number') return Number.isInteger(key) ? String(key) : formatGoFloat(key)
  if (typeof key === 'boolean') return String(key)
  if (key !== null) throw new DecodeError(`yaml: invalid map key: ${goSyntax(key)}`)
  throw new DecodeError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${goSyntax(value)}`)
}

/** A value as Go's `%#v` prints what go-yaml made of it. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return goQuote(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value !== 'object') return String(value)
  const members = Object.entries(value).map(([name, member]) => `${goQuote(name)}:${goSyntax(member)}`)
  return `map[interface {}]interface {}{${members.sort().join(', ')}}`
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function binaryText(text: string): string {
  const compact = text.replaceAll(/[\r\n]/g, '')
  if (!base64.test(compact)) throw new DecodeError('yaml: !!binary value contains invalid base64 data')
  return Buffer.from(compact, 'base64').toString('utf8')
}
