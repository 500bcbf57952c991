/**
 * Sizes and costs between two bounds, in uint64 that stays at its greatest (cel-go checker/cost.go SizeEstimate,
 * CostEstimate).
 */
export interface Estimate {
  readonly min: bigint
  readonly max: bigint
}

export const greatest = 2n ** 64n - 1n
export const unknownEstimate: Estimate = { min: 0n, max: greatest }
export const fixed = (value: number | bigint): Estimate => ({ min: BigInt(value), max: BigInt(value) })
export const noCost = fixed(0)
export const unit = fixed(1)

const capped = (value: bigint) => (value > greatest ? greatest : value)
const both = (estimate: Estimate, change: (value: bigint) => bigint): Estimate => ({
  min: change(estimate.min),
  max: change(estimate.max),
})

export function plus(...estimates: readonly Estimate[]): Estimate {
  let { min, max } = noCost
  for (const estimate of estimates) {
    min = capped(min + estimate.min)
    max = capped(max + estimate.max)
  }
  return { min, max }
}
export function times(a: Estimate, b: Estimate): Estimate {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) }
}
/** Rounded up; the multiplication is that of doubles. */
export function byFactor(estimate: Estimate, factor: number): Estimate {
  return both(estimate, (value) => {
    const product = Math.ceil(Number(value) * factor)
    return product >= 2 ** 64 ? greatest : BigInt(product)
  })
}
export function union(a: Estimate, b: Estimate): Estimate {
  return { min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max }
}
/** uint64 arithmetic that wraps around, where upstream forgot to care. */
export const wrapped = (value: bigint): bigint => BigInt.asUintN(64, value)
