import type { Secret } from '../../api/types.generated.ts'

export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used'
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since'

/** `2026-11-21`, in UTC. */
export function dateOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** What becomes of a token's Secret; uses on or after `lastKept` keep it. Dates compare as they are written. */
export function verdict({ metadata }: Secret, lastKept: string): 'keep' | 'mark' | 'delete' {
  if (metadata.deletionTimestamp !== undefined) return 'keep'
  const lastUsed = metadata.labels?.[lastUsedLabel]
  // A date that cannot be read says nothing.
  if (lastUsed !== undefined && (!isDate(lastUsed) || lastUsed >= lastKept)) return 'keep'
  const invalidSince = metadata.labels?.[invalidSinceLabel] ?? ''
  if (!isDate(invalidSince)) return 'mark'
  return invalidSince >= lastKept ? 'keep' : 'delete'
}
