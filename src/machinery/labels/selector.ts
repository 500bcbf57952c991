import { formatRequirement, requirementMatches, type Labels, type Requirement } from './requirement.ts'

/** Chooses objects by their labels (apimachinery pkg/labels Selector). Immutable. */
export interface Selector {
  matches(labels: Labels | undefined): boolean
  /** Restricts nothing. */
  readonly empty: boolean
  /** Matches nothing, whatever the labels: the selector of an absent LabelSelector. */
  readonly nothing: boolean
  /** All of them must hold; sorted by key. */
  readonly requirements: readonly Requirement[]
  /** The value that the label must have, when the selector asks for exactly one. */
  exactValue(label: string): string | undefined
  toString(): string
}

const none: Labels = Object.freeze({})

/** Matches what meets every requirement. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return {
    matches: (labels = none) => {
      for (const requirement of sorted) if (!requirementMatches(requirement, labels)) return false
      return true
    },
    empty: sorted.length === 0,
    nothing: false,
    requirements: sorted,
    exactValue: (label) => {
      const first = sorted.find(({ key }) => key === label)
      if (first === undefined || first.values.length !== 1) return undefined
      return first.operator === '=' || first.operator === '==' || first.operator === 'in' ? first.values[0] : undefined
    },
    toString: () => sorted.map(formatRequirement).join(','),
  }
}

export const everything: Selector = selectorOf([])

export const nothing: Selector = {
  matches: () => false,
  empty: false,
  nothing: true,
  requirements: [],
  exactValue: () => undefined,
  toString: () => '',
}

/** Matches objects that have all these labels. The labels are taken as they are (labels.SelectorFromSet). */
export function selectorOfLabels(labels: Labels | undefined): Selector {
  return selectorOf(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

/** `a=b,c=d`, sorted, as a selector would be written. */
export function formatLabels(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')
}
