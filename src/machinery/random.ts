/** The only source of randomness, so that a cluster under test can be made deterministic. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number
  /** `length` letters and digits that make no words and are not confused when read (apimachinery pkg/util/rand). */
  suffix(length: number): string
  /** A version 4 UUID. */
  uuid(): string
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

function from(float: () => number, uuid: () => string): Random {
  return {
    float,
    uuid,
    suffix: (length) => Array.from({ length }, () => alphabet[Math.floor(float() * alphabet.length)]).join(''),
  }
}

export const systemRandom: Random = from(Math.random, () => crypto.randomUUID())

/** A repeatable sequence from a 32-bit seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const float = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(float() * 16).toString(16)).join('')
  return from(float, () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(float() * 4)]}${hex(3)}-${hex(12)}`)
}
