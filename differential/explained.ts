import type { Difference } from './compare/differences.ts'

/** Differences that are right as they are, with the reason; everything else is a fault. */
export interface Explained {
  readonly reason: string
  /** Whether it explains this difference of a case. */
  explains(difference: Difference, kind: string, name: string): boolean
}

export const explained: readonly Explained[] = [
  {
    reason: 'columns are described in our own words: no sentences of upstream are copied',
    explains: ({ path }) => /columnDefinitions\[\d+\]\.description$/.test(path),
  },
]
