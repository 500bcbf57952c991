import { goQuote } from '../../../../machinery/field-error.ts'

/** Lists of indexes of pods, `1,3-5` (pkg/apis/batch/validation validateIndexesFormat). */
export class IndexesError extends Error {}

interface Interval {
  readonly first: number
  readonly last: number
}

/** How many indexes the text names; throws {@link IndexesError} when it does not, or one of them is too large. */
export function countIndexes(text: string, completions: number): number {
  let total = 0
  let before: number | undefined
  for (const part of text === '' ? [] : text.split(',')) {
    const { first, last } = parseInterval(part, completions)
    if (before !== undefined && before >= first) throw outOfOrder(before, first)
    total += last - first + 1
    before = last
  }
  return total
}

function outOfOrder(before: number, current: number): IndexesError {
  return new IndexesError(`non-increasing order, previous: ${before}, current: ${current}`)
}

function parseInterval(text: string, completions: number): Interval {
  const parts = text.split('-')
  if (parts.length > 2) {
    throw new IndexesError(
      `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  const [first, last = first] = parts.map((part) => {
    if (!/^[+-]?[0-9]+$/.test(part)) {
      throw new IndexesError(`cannot convert string to integer for index: ${goQuote(part)}`)
    }
    if (Number(part) >= completions) throw new IndexesError(`too large index: ${goQuote(part)}`)
    return Number(part)
  }) as [number, number?]
  if (parts.length === 2 && first >= last) throw outOfOrder(first, last)
  return { first, last }
}

/** The first index that is in both lists. Parts that cannot be read are passed over; they are complained of elsewhere. */
export function firstCommonIndex(a: string, b: string, completions: number): number | undefined {
  const [left, right] = [intervalsOf(a, completions), intervalsOf(b, completions)]
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const [x, y] = [left[i]!, right[j]!]
    if (x.first <= y.last && y.first <= x.last) return Math.max(x.first, y.first)
    if (x.first <= y.first) i++
    else j++
  }
  return undefined
}

function intervalsOf(text: string, completions: number): Interval[] {
  return (text === '' ? [] : text.split(',')).flatMap((part) => {
    try {
      return [parseInterval(part, completions)]
    } catch (error) {
      if (error instanceof IndexesError) return []
      throw error
    }
  })
}
