/** Sets of completion indexes, in the compressed form of a Job's status: `1,3-5,7` (job/indexed_job_utils.go). */
export interface Interval {
  readonly first: number
  readonly last: number
}
export type Indexes = readonly Interval[]

/** Reads the text; what is no number is left out, and what is not below `completions` cut off. */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const result: { first: number; last: number }[] = []
  for (const part of text ? text.split(',') : []) {
    const [firstText = '', lastText] = part.split('-')
    if (!isNumber(firstText) || (lastText !== undefined && !isNumber(lastText))) continue
    const first = Number(firstText)
    if (first >= completions) break
    const last = lastText === undefined ? first : Math.min(Number(lastText), completions - 1)
    const before = result.at(-1)
    if (before !== undefined && before.last === first - 1) before.last = last
    else result.push({ first, last })
  }
  return result
}
function isNumber(text: string): boolean {
  return /^[+-]?[0-9]+$/.test(text)
}

export function formatIndexes(indexes: Indexes): string {
  return indexes
    .map(({ first, last }) => (last === first ? String(first) : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',')
}

export function indexesOf(numbers: Iterable<number>): Indexes {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  return merge(
    [],
    sorted.map((index) => ({ first: index, last: index })),
  )
}

export function merge(a: Indexes, b: Indexes): Indexes {
  const result: { first: number; last: number }[] = []
  for (const { first, last } of [...a, ...b].sort((x, y) => x.first - y.first)) {
    const before = result.at(-1)
    if (before === undefined || first > before.last + 1) result.push({ first, last })
    else before.last = Math.max(before.last, last)
  }
  return result
}

export function countOf(indexes: Indexes): number {
  return indexes.reduce((count, { first, last }) => count + last - first + 1, 0)
}

export function contains(indexes: Indexes, index: number): boolean {
  return indexes.some(({ first, last }) => first <= index && index <= last)
}

/** How many indexes are in both. */
export function overlap(a: Indexes, b: Indexes): number {
  let count = 0
  for (const x of a) for (const y of b) count += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1)
  return count
}

/** The lowest `count` indexes below `completions` that are not taken. */
export function firstFree(taken: Indexes, count: number, completions: number): number[] {
  const result: number[] = []
  let candidate = 0
  for (const { first, last } of [...taken, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && result.length < count; candidate++) result.push(candidate)
    candidate = Math.max(candidate, last + 1)
  }
  return result
}
