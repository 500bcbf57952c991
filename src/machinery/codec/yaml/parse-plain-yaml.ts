import { goQuote } from '../../field-error.ts'
import { nesting } from '../nesting.ts'
import { resolveScalar } from './resolve-scalar.ts'

/**
 * Reads the YAML that most is: maps and lists by indentation, one scalar a line, plain or simply quoted; comments on lines
 * of their own. It takes a third of what the whole language does, in one pass and without a call for each level.
 * Undefined: the text has something else in it, or is wrong.
 */
export function parsePlainYaml(
  text: string,
): { readonly value: unknown; readonly duplicates: readonly string[] } | undefined {
  if (unusual.test(text)) return undefined
  const reader = new PlainReader(text)
  return reader.read() ? { value: reader.root, duplicates: reader.duplicates } : undefined
}

// Tabs, line ends of other systems, what is no text, and half of a character.
const unusual = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

type Members = Record<string, unknown>
interface Level {
  readonly column: number
  /** One of the two. */
  readonly members: Members | undefined
  readonly items: unknown[] | undefined
  /** Whose value stands on the lines below, or is null. */
  awaited: string | undefined
}

const [space, dash, colon, hash, newline] = [0x20, 0x2d, 0x3a, 0x23, 0x0a]

class PlainReader {
  readonly #text: string
  readonly #levels: Level[] = []
  #top: Level | undefined
  readonly duplicates: string[] = []
  root: unknown = undefined

  constructor(text: string) {
    this.#text = text
  }

  /** Whether all of the text was understood. */
  read(): boolean {
    const text = this.#text
    let line = 0
    for (let at = 0; at < text.length; ) {
      line++
      let end = text.indexOf('\n', at)
      if (end < 0) end = text.length
      let first = at
      while (text.charCodeAt(first) === space) first++
      const code = first < end ? text.charCodeAt(first) : newline
      const isMark = first === at && code === dash && end - at === 3 && text.startsWith('---', at)
      if (isMark && this.#top !== undefined) return false
      if (code !== newline && code !== hash && !isMark && !this.#line(at, first, lastOf(text, end), line)) return false
      at = end + 1
    }
    return this.#top !== undefined
  }

  #line(start: number, first: number, end: number, line: number): boolean {
    const text = this.#text
    let at = first
    let isBelowDash = false
    while (text.charCodeAt(at) === dash && text.charCodeAt(at + 1) === space) {
      if (!this.#enter(at - start, false, isBelowDash)) return false
      at += 2
      while (text.charCodeAt(at) === space) at++
      if (at >= end) return false
      isBelowDash = true
    }
    const keyEnd = this.#keyEnd(at, end)
    if (keyEnd < 0) {
      if (!isBelowDash) return false
      const value = this.#scalar(at, end)
      if (value === undefined) return false
      this.#top!.items!.push(value)
      return true
    }
    return this.#enter(at - start, true, isBelowDash) && this.#member(at, keyEnd, end, line)
  }

  #member(at: number, keyEnd: number, end: number, line: number): boolean {
    const text = this.#text
    const name = text.charCodeAt(at) === 0x22 ? text.slice(at + 1, keyEnd - 1) : text.slice(at, keyEnd)
    const level = this.#top!
    const members = level.members!
    let from = keyEnd + 1
    while (from < end && text.charCodeAt(from) === space) from++
    const isRepeated = Object.hasOwn(members, name)
    if (name === '__proto__' || (isRepeated && from >= end)) return false
    if (isRepeated) this.duplicates.push(`line ${line}: key ${goQuote(name)} already set in map`)
    const value = from < end ? this.#scalar(from, end) : null
    if (value === undefined) return false
    members[name] = value
    level.awaited = from < end ? undefined : name
    return true
  }

  /** Goes to the level of a map or a list that has something in this column. */
  #enter(column: number, isMap: boolean, isBelowDash: boolean): boolean {
    let top = this.#top
    if (top !== undefined && !isBelowDash && top.awaited === undefined) {
      while (top.column > column || (top.column === column && isMap && top.items !== undefined)) {
        this.#levels.pop()
        top = this.#levels.at(-1)
        if (top === undefined) return false
      }
      this.#top = top
      return top.column === column && (top.members !== undefined) === isMap
    }
    const isBelow = top === undefined || isBelowDash || column > top.column
    if (!isBelow && (isMap || column !== top!.column)) {
      top!.awaited = undefined
      return this.#enter(column, isMap, false)
    }
    if (this.#levels.length >= nesting.yaml) return false
    const value: Members | unknown[] = isMap ? {} : []
    if (top === undefined) this.root = value
    else if (top.items !== undefined) top.items.push(value)
    else {
      top.members![top.awaited!] = value
      top.awaited = undefined
    }
    this.#top = {
      column,
      members: isMap ? (value as Members) : undefined,
      items: isMap ? undefined : (value as unknown[]),
      awaited: undefined,
    }
    this.#levels.push(this.#top)
    return true
  }

  /** Where the colon is behind a key that is simply a string; -1: this is none. */
  #keyEnd(from: number, end: number): number {
    const text = this.#text
    let at = from
    if (text.charCodeAt(at) === 0x22) {
      at = simpleQuoteEnd(text, at, end)
      if (at < 0) return -1
    } else {
      if (!isLetter(text.charCodeAt(at))) return -1
      while (at < end && isNamePart(text.charCodeAt(at))) at++
      // Others may be booleans or null.
      if (at - from <= longestWord && resolveScalar(text.slice(from, at)).tag !== 'str') return -1
    }
    if (at - from > longestKey || text.charCodeAt(at) !== colon) return -1
    return at + 1 === end || text.charCodeAt(at + 1) === space ? at : -1
  }

  /** Undefined: not one of the simple ones. */
  #scalar(at: number, end: number): unknown {
    const text = this.#text
    const code = text.charCodeAt(at)
    if (code === 0x22) return simpleQuoteEnd(text, at, end) === end ? text.slice(at + 1, end - 1) : undefined
    if (code === 0x27) {
      const quote = text.indexOf("'", at + 1)
      return quote === end - 1 ? text.slice(at + 1, quote) : undefined
    }
    if (end - at === 2 && text.startsWith('{}', at)) return {}
    if (end - at === 2 && text.startsWith('[]', at)) return []
    if (!isNamePart(code) || (code === dash && (at + 1 === end || text.charCodeAt(at + 1) === space))) return undefined
    for (let next = at + 1; next < end; next++) {
      const char = text.charCodeAt(next)
      if (char === hash && text.charCodeAt(next - 1) === space) return undefined
      if (char === colon && (next + 1 === end || text.charCodeAt(next + 1) === space)) return undefined
    }
    const { value } = resolveScalar(text.slice(at, end))
    return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
  }
}

const longestWord = 5
/** A key stands within 1024 characters of its colon. */
const longestKey = 1000

/** Behind the last character of a line that is no space. */
function lastOf(text: string, end: number): number {
  let last = end
  while (text.charCodeAt(last - 1) === space) last--
  return last
}

/** Behind the quote that ends a string without escapes; -1: it has some, or no end on this line. */
function simpleQuoteEnd(text: string, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    const char = text.charCodeAt(next)
    if (char === 0x5c) return -1
    if (char === 0x22) return next + 1
  }
  return -1
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f
}

/** Letters, digits and `_ - . /`. */
function isNamePart(code: number): boolean {
  return isLetter(code) || (code >= 0x2d && code <= 0x39)
}
