/** Lines `[before, before + size)` of one text that are lines `[after, after + size)` of the other. */
export interface MatchingBlock {
  readonly before: number
  readonly after: number
  readonly size: number
}

/** From this many lines on, those of which there are many begin no match (they may lengthen one). */
const popularFrom = 200

/**
 * What two texts have in common, found as Ratcliff and Obershelp do: the longest run of equal lines, the first one in
 * `before` of several, then the same on either side of it. This is what Python's difflib and its port to Go do, with
 * their rule for frequent lines; it is no shortest edit.
 */
export function matchingBlocks(before: readonly string[], after: readonly string[]): readonly MatchingBlock[] {
  const places = placesOf(after)
  const blocks: MatchingBlock[] = []
  const search = (from: MatchingBlock, to: MatchingBlock): void => {
    const low = { before: from.before + from.size, after: from.after + from.size }
    const found = longest(before, after, places, low, to)
    if (found.size === 0) return
    if (low.before < found.before && low.after < found.after) search(from, found)
    const previous = blocks.at(-1)
    if (
      previous &&
      previous.before + previous.size === found.before &&
      previous.after + previous.size === found.after
    ) {
      blocks[blocks.length - 1] = { ...previous, size: previous.size + found.size }
    } else blocks.push(found)
    if (found.before + found.size < to.before && found.after + found.size < to.after) search(found, to)
  }
  search({ before: 0, after: 0, size: 0 }, { before: before.length, after: after.length, size: 0 })
  return blocks
}

/** Where each line is, without those that are too frequent to tell anything. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = Map.groupBy(lines.keys(), (index) => lines[index]!)
  if (lines.length < popularFrom) return places
  const most = Math.floor(lines.length / 100) + 1
  return new Map([...places].filter(([, found]) => found.length <= most))
}

type Corner = Pick<MatchingBlock, 'before' | 'after'>

/** The longest block between two corners, then lengthened by frequent lines beside it. */
function longest(
  before: readonly string[],
  after: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  low: Corner,
  high: Corner,
): MatchingBlock {
  let best: MatchingBlock = { ...low, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = low.before; i < high.before; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(before[i]!) ?? []) {
      if (j < low.after) continue
      if (j >= high.after) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { before: i - size + 1, after: j - size + 1, size }
    }
    lengths = next
  }
  let { before: i, after: j, size } = best
  while (i > low.before && j > low.after && before[i - 1] === after[j - 1]) {
    i--
    j--
    size++
  }
  while (i + size < high.before && j + size < high.after && before[i + size] === after[j + size]) size++
  return { before: i, after: j, size }
}
