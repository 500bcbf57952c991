import { goQuote } from '../field-error.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../validation/label-selector.ts'
import { parseSelector } from './parse-selector.ts'
import { requirement, SelectorError, type Labels, type Operator } from './requirement.ts'
import { everything, nothing, selectorOf, type Selector } from './selector.ts'

/** The LabelSelector object of the API (apimachinery pkg/apis/meta/v1/helpers.go). */
export type { LabelSelector, LabelSelectorRequirement }

const operatorOf: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

/** Absent: matches nothing. Empty: matches everything. Throws SelectorError when it is not valid. */
export function selectorOfLabelSelector(selector: LabelSelector | null | undefined): Selector {
  if (selector === undefined || selector === null) return nothing
  const { matchLabels = {}, matchExpressions = [] } = selector
  const equal = Object.entries(matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]))
  const other = (matchExpressions ?? []).map((expression) => {
    const operator = Object.hasOwn(operatorOf, expression.operator) ? operatorOf[expression.operator] : undefined
    if (operator === undefined) {
      throw new SelectorError(`${goQuote(expression.operator ?? '')} is not a valid label selector operator`)
    }
    return requirement(expression.key ?? '', operator, expression.values ?? [])
  })
  return equal.length + other.length === 0 ? everything : selectorOf([...equal, ...other])
}

const cache = new WeakMap<object, Selector>()

/** As {@link selectorOfLabelSelector}, remembered per (frozen) selector object, for hot loops. */
export function cachedSelector(selector: LabelSelector | null | undefined): Selector {
  if (selector === undefined || selector === null) return nothing
  let known = cache.get(selector)
  if (known === undefined) {
    known = selectorOfLabelSelector(selector)
    if (Object.isFrozen(selector)) cache.set(selector, known)
  }
  return known
}

/** As `kubectl get -o wide` shows it: `<none>` for an empty one, `<error>` for one that is not valid. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  try {
    const text = selectorOfLabelSelector(selector).toString()
    return text === '' ? '<none>' : text
  } catch {
    return '<error>'
  }
}

/** As Go prints the object with `%v` (generated.pb.go String), which upstream's messages quote. */
export function goLabelSelector(selector: LabelSelector | null | undefined): string {
  if (selector === undefined || selector === null) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`)
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  const matchLabels = `map[string]string{${labels.join('')}}`
  return `&LabelSelector{MatchLabels:${matchLabels},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}

/** The old form, a map of labels; throws SelectorError for expressions that it cannot say. */
export function labelSelectorAsMap(selector: LabelSelector | undefined): Labels {
  const labels: Record<string, string> = { ...selector?.matchLabels }
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const name = goQuote(operator)
    if (!Object.hasOwn(operatorOf, operator)) throw new SelectorError(`${name} is not a valid selector operator`)
    if (operator !== 'In') {
      throw new SelectorError(`operator ${name} cannot be converted into the old label selector format`)
    }
    if (values.length !== 1) {
      const why = 'without a single value cannot be converted into the old label selector format'
      throw new SelectorError(`operator ${name} ${why}`)
    }
    labels[key] = values[0]!
  }
  return labels
}

/** The object form of a selector's text (metav1.ParseToLabelSelector). */
export function labelSelectorOfText(text: string): LabelSelector {
  let selector: Selector
  try {
    selector = parseSelector(text)
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    throw new SelectorError(`couldn't parse the selector string "${text}": ${error.message}`, { cause: error })
  }
  const matchLabels: Record<string, string> = {}
  const matchExpressions: LabelSelectorRequirement[] = []
  for (const { key, operator, values } of selector.requirements) {
    if (operator === '=' || operator === '==') matchLabels[key] = values[0]!
    else {
      const name = Object.keys(operatorOf).find((name) => operatorOf[name] === operator)
      if (name === undefined) throw new SelectorError(`${goQuote(operator)} isn't supported in label selectors`)
      matchExpressions.push(values.length > 0 ? { key, operator: name, values } : { key, operator: name })
    }
  }
  return { matchLabels, matchExpressions }
}
