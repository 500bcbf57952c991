import type { Random } from '../../src/machinery/random.ts'

/** Choices by chance. */
export interface Dice {
  chance(share: number): boolean
  between(low: number, high: number): number
  of<T>(list: readonly T[]): T
}
export function diceOf(random: Random): Dice {
  const between = (low: number, high: number) => low + Math.floor(random.float() * (high - low + 1))
  return {
    chance: (share) => random.float() < share,
    between,
    of: (list) => list[between(0, list.length - 1)]!,
  }
}
