/** Who is to get a part of the seats: about so many, within these bounds. */
export interface SeatWish {
  readonly target: number
  readonly lower: number
  readonly upper: number
}

export interface SharedSeats {
  /** In the order of the wishes, not yet rounded. */
  readonly seats: readonly number[]
  /** Everybody whom no bound holds gets so many times what was wished. */
  readonly fraction: number
}

const leastTarget = 0.001
const epsilon = 1e-7

/**
 * Shares seats fairly: all get the same fraction of their targets, but those who would get less than their lower or more
 * than their upper bound, who get that (apiserver pkg/util/flowcontrol conc_alloc.go). Undefined: the bounds allow no such sharing.
 */
export function shareSeats(sum: number, wishes: readonly SeatWish[]): SharedSeats | undefined {
  const items = wishes.map(({ target, lower, upper }) => ({ target: Math.max(target, leastTarget), lower, upper }))
  if (items.some(({ target, lower, upper }) => lower < 0 || target < lower || upper < lower)) return undefined
  const lowest = total(items.map(({ lower }) => lower))
  const highest = total(items.map(({ upper }) => upper))
  if (sum < 0 || lowest - sum > epsilon || sum - highest > epsilon) return undefined
  if (sum === 0) return { seats: items.map(() => 0), fraction: 0 }
  const lowerRatios = items.map(({ lower, target }) => lower / target)
  const upperRatios = items.map(({ upper, target }) => upper / target)
  if (lowest - sum > -epsilon) return { seats: items.map(({ lower }) => lower), fraction: Math.min(...lowerRatios) }
  if (sum - highest > -epsilon) return { seats: items.map(({ upper }) => upper), fraction: Math.max(...upperRatios) }

  const given = (fraction: number) =>
    items.map(({ target, lower, upper }) => Math.min(upper, Math.max(lower, fraction * target)))
  // What is given grows with the fraction, in straight lines between the ratios at which a bound begins or ends to hold.
  let from = 0
  for (const to of [...lowerRatios, ...upperRatios].sort((a, b) => a - b)) {
    if (total(given(to)) < sum) {
      from = to
      continue
    }
    const before = total(given(from))
    const after = total(given(to))
    const fraction = after === before ? to : from + ((to - from) * (sum - before)) / (after - before)
    return { seats: given(fraction), fraction }
  }
  return undefined
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
