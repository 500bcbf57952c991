/**
 * The difference of two JSON values as a unified diff of their indented texts, with three lines of context
 * (apimachinery pkg/util/diff). People read it in messages; nothing parses it.
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
  return JSON.stringify(value ?? null, null, 1).split('\n')
}

/** A shortest edit, by the lengths of the longest common subsequences of all suffixes. */
function compare(before: readonly string[], after: readonly string[]): Change[] {
  // From the end first: of equal items side by side, upstream takes the first for the one that was added.
  let end = 0
  while (end < before.length && end < after.length && before.at(-1 - end) === after.at(-1 - end)) end++
  let start = 0
  while (start < before.length - end && start < after.length - end && before[start] === after[start]) start++
  const left = before.slice(start, before.length - end)
  const right = after.slice(start, after.length - end)
  const width = right.length + 1
  const lengths = new Uint32Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        left[i] === right[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const same = (line: string): Change => ({ mark: ' ', line })
  const changes = before.slice(0, start).map(same)
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      changes.push(same(left[i]!))
      i++
      j++
    } else if (j >= right.length || (i < left.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      changes.push({ mark: '-', line: left[i++]! })
    } else changes.push({ mark: '+', line: right[j++]! })
  }
  return [...changes, ...before.slice(before.length - end).map(same)]
}

function hunksOf(changes: readonly Change[]): string[] {
  const hunks: string[] = []
  const positions = positionsOf(changes)
  let index = 0
  for (;;) {
    const first = changes.findIndex(({ mark }, at) => at >= index && mark !== ' ')
    if (first < 0) return hunks
    let last = first
    for (let at = first; at < changes.length && at - last <= 2 * context; at++) if (changes[at]!.mark !== ' ') last = at
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
