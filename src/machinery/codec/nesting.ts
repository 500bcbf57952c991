import { isMainThread } from 'node:worker_threads'

/**
 * How deep JSON and YAML that is read may nest. What reads, checks, merges and writes objects calls itself for each
 * level, so upstream's bound (10,000: encoding/json, yaml scannerc.go) needs a stack that V8 does not give by default:
 * `scripts/with-node` asks for it. Without it, as in a program that embeds the API server, less is taken.
 */
export interface Nesting {
  readonly json: number
  readonly yaml: number
}

export const upstreamNesting = 10_000
const roomyStackKiB = 6000

export function nestingWithin(stackKiB: number): Nesting {
  return stackKiB >= roomyStackKiB ? { json: upstreamNesting, yaml: upstreamNesting } : { json: 2000, yaml: 1000 }
}

const stackFlag = /^--stack[-_]size=(\d+)$/
const stackKiB = process.execArgv.reduce((size, flag) => Number(stackFlag.exec(flag)?.[1] ?? size), 0)

export const nesting: Nesting = nestingWithin(isMainThread ? stackKiB : 0)

/** The character that opens what lies deeper than `levels`; undefined when nothing does. */
export function opensBeyond(value: unknown, levels: number): '{' | '[' | undefined {
  const open: { readonly value: object; readonly level: number }[] = []
  const enter = (member: unknown, level: number) => {
    if (typeof member === 'object' && member !== null) open.push({ value: member, level })
  }
  enter(value, 1)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.level > levels) return Array.isArray(next.value) ? '[' : '{'
    if (Array.isArray(next.value)) for (const item of next.value) enter(item, next.level + 1)
    else for (const name in next.value) enter((next.value as Record<string, unknown>)[name], next.level + 1)
  }
  return undefined
}
