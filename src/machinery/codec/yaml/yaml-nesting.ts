import { COLLECTION_STYLE, EVENT_ID, type Event } from 'js-yaml'
import { DecodeError } from '../decode-error.ts'
import { nesting, opensBeyond } from '../nesting.ts'
import { tooDeep } from './yaml-fault.ts'

type Level = 'flow' | 'indented' | 'other'

/**
 * libyaml bounds how deep flow collections nest, and how deep indentation goes (scannerc.go, max_flow_level, max_indents): a
 * list that stands as far to the left as the key that it belongs to is not indented.
 */
export function checkNesting(text: string, events: readonly Event[]): void {
  if (events.length <= nesting.yaml) return
  const open: { readonly level: Level; readonly column: number }[] = []
  const levels = { flow: 0, indented: 0, other: 0 }
  const columnOf = columns(text)
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      levels[open.pop()!.level]--
    } else if (event.type === EVENT_ID.DOCUMENT) {
      levels.other++
      open.push({ level: 'other', column: -1 })
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const isFlow = event.style === COLLECTION_STYLE.FLOW
      const column = isFlow ? 0 : columnOf(event.start)
      const level = isFlow ? 'flow' : column > open.at(-1)!.column ? 'indented' : 'other'
      open.push({ level, column })
      if (++levels[level] > nesting.yaml) throw tooDeep(text, event.start)
    }
  }
}

/** Tells the column of a place; places are asked for in their order. */
function columns(text: string): (at: number) => number {
  let lineStart = 0
  let lineEnd = text.indexOf('\n')
  return (at) => {
    while (lineEnd >= 0 && lineEnd < at) {
      lineStart = lineEnd + 1
      lineEnd = text.indexOf('\n', lineStart)
    }
    return at - lineStart
  }
}

/** Upstream reads the JSON that it makes of YAML, which has a bound of its own. Throws DecodeError. */
export function checkJsonNesting(text: string, value: unknown): void {
  const beyond = text.length > nesting.json ? opensBeyond(value, nesting.json) : undefined
  if (beyond !== undefined) throw new DecodeError(`invalid character '${beyond}' exceeded max depth`)
}
