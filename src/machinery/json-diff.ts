import { goEscaped } from './codec/json/go-json.ts'
import { matchingBlocks } from './sequence-matcher.ts'

/**
 * The difference of two JSON values as a unified diff of their indented texts, with three lines of context
 * (apimachinery pkg/util/diff, over go-difflib). People read it in messages; nothing parses it.
 */
export function jsonDiff(before: unknown, after: unknown): string {
  const changes = compare(linesOf(before), linesOf(after))
  return hunksOf(changes).join('')
}

const context = 3
interface Change {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

function linesOf(value: unknown): string[] {
  return goEscaped(JSON.stringify(value ?? null, null, 1)).split('\n')
}

/** Both texts as one: lines that are kept, taken away before others come. */
function compare(before: readonly string[], after: readonly string[]): Change[] {
  const marked = (mark: Change['mark'], lines: readonly string[]) => lines.map((line): Change => ({ mark, line }))
  const changes: Change[] = []
  let [i, j] = [0, 0]
  for (const block of [...matchingBlocks(before, after), { before: before.length, after: after.length, size: 0 }]) {
    changes.push(...marked('-', before.slice(i, block.before)), ...marked('+', after.slice(j, block.after)))
    ;[i, j] = [block.before + block.size, block.after + block.size]
    changes.push(...marked(' ', before.slice(block.before, i)))
  }
  return changes
}

function hunksOf(changes: readonly Change[]): string[] {
  const hunks: string[] = []
  const positions = positionsOf(changes)
  let index = 0
  for (;;) {
    const first = changes.findIndex(({ mark }, at) => at >= index && mark !== ' ')
    if (first < 0) return hunks
    let last = first
    for (let at = first; at < changes.length && at - last <= 2 * context + 1; at++)
      if (changes[at]!.mark !== ' ') last = at
    const from = Math.max(0, first - context)
    const to = Math.min(changes.length, last + context + 1)
    const lines = changes.slice(from, to)
    const [before, after] = positions[from]!
    const removed = range(before, lines.filter(({ mark }) => mark !== '+').length)
    const added = range(after, lines.filter(({ mark }) => mark !== '-').length)
    hunks.push(`@@ -${removed} +${added} @@\n${lines.map(({ mark, line }) => `${mark}${line}\n`).join('')}`)
    index = to
  }
}

/** How many lines of either side come before each change. */
function positionsOf(changes: readonly Change[]): [number, number][] {
  let before = 0
  let after = 0
  return changes.map(({ mark }) => {
    const position: [number, number] = [before, after]
    if (mark !== '+') before++
    if (mark !== '-') after++
    return position
  })
}

function range(start: number, length: number): string {
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}
