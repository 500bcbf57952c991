import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import {
  requirement,
  requirementErrors,
  type Operator,
  type Requirement,
  SelectorError,
} from '../../../machinery/labels/requirement.ts'
import { type Selector, selectorOf, selectorOfLabels } from '../../../machinery/labels/selector.ts'
import type {
  Node,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PreferredSchedulingTerm,
} from '../../types.generated.ts'

/** Chooses nodes by labels and names. */
export interface NodeMatcher {
  matches(node: Node): boolean
}

const operators: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}
const never: NodeMatcher = { matches: () => false }

/** Any of the terms must match; an empty term, or one that is not valid, matches no node (nodeaffinity.go). */
export function nodeSelectorMatcher(selector: NodeSelector): NodeMatcher {
  const terms = (selector.nodeSelectorTerms ?? []).filter((term) => !isEmpty(term)).map(termMatcher)
  return { matches: (node) => terms.some((term) => term.matches(node)) }
}

/** What `nodeSelector` and the required node affinity of a pod ask for together; undefined: any node will do. */
export function requiredNodeAffinity(pod: Pod): NodeMatcher | undefined {
  const { nodeSelector, affinity } = pod.spec ?? {}
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const labels = nodeSelector && Object.keys(nodeSelector).length > 0 ? selectorOfLabels(nodeSelector) : undefined
  const terms = required ? nodeSelectorMatcher(required) : undefined
  if (!labels && !terms) return undefined
  return {
    matches: (node) =>
      (labels === undefined || labels.matches(node.metadata.labels)) && (terms === undefined || terms.matches(node)),
  }
}

/** The sum of the weights of the preferred terms that the node matches; undefined: none is preferred. */
export function preferredNodeAffinity(pod: Pod): ((node: Node) => number) | undefined {
  const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
  return preferred && preferenceScore(preferred)
}

/** The sum of the weights of the terms that a node matches. */
export function preferenceScore(preferred: readonly PreferredSchedulingTerm[]): (node: Node) => number {
  const terms = preferred
    .filter(({ weight, preference }: PreferredSchedulingTerm) => weight !== 0 && !isEmpty(preference))
    .map(({ weight, preference }) => ({ weight, matcher: termMatcher(preference) }))
  return (node) => {
    let score = 0
    for (const { weight, matcher } of terms) if (matcher.matches(node)) score += weight
    return score
  }
}

/** What keeps an affinity from being understood (nodeaffinity.go NewNodeSelector, NewPreferredSchedulingTerms). */
export function nodeAffinityErrors(affinity: NodeAffinity, field: string): readonly FieldError[] {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const at = `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  return [
    ...required.flatMap((term, index) => termErrors(term, `${at}[${index}]`)),
    ...preferred.flatMap(({ weight, preference }, index) =>
      weight === 0 ? [] : termErrors(preference, `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`),
    ),
  ]
}

function termErrors({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, field: string): FieldError[] {
  return [
    ...matchExpressions.flatMap(({ key, operator, values }, index) => {
      const at = `${field}.matchExpressions[${index}]`
      const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined
      return known === undefined
        ? [fieldErrors.notSupported(`${at}.operator`, operator, Object.keys(operators))]
        : requirementErrors(key, known, values ?? [], `${at}.`).map((error) =>
            // Go has no list where none is said.
            values === undefined && error.field === `${at}.values` ? { ...error, badValue: undefined } : error,
          )
    }),
    ...matchFields.flatMap(({ operator, values }, index) => {
      const at = `${field}.matchFields[${index}]`
      if (operator !== 'In' && operator !== 'NotIn')
        return [fieldErrors.notSupported(`${at}.operator`, operator, ['In', 'NotIn'])]
      return values?.length === 1 ? [] : [fieldErrors.invalid(`${at}.values`, values, 'must have one element')]
    }),
  ]
}

/**
 * The names of the only nodes that required terms with `metadata.name` fields leave; undefined: they do not say.
 * An empty set: the terms exclude one another.
 */
export function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms || terms.length === 0) return undefined
  const all = new Set<string>()
  for (const { matchFields = [] } of terms) {
    let names: Set<string> | undefined
    for (const { key, operator, values = [] } of matchFields) {
      if (key !== 'metadata.name' || operator !== 'In') continue
      names = names ? names.intersection(new Set(values)) : new Set(values)
    }
    if (!names) return undefined
    for (const name of names) all.add(name)
  }
  return all
}

function isEmpty({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  return matchExpressions.length === 0 && matchFields.length === 0
}

function termMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  let labels: Selector
  try {
    labels = selectorOf(matchExpressions.map(labelRequirement))
  } catch (error) {
    if (error instanceof SelectorError) return never
    throw error
  }
  const fields = matchFields.map(fieldMatcher)
  return {
    matches: (node) => labels.matches(node.metadata.labels) && fields.every((field) => field(node)),
  }
}

function labelRequirement({ key, operator, values = [] }: NodeSelectorRequirement): Requirement {
  const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (known === undefined) throw new SelectorError(`${operator} is not a valid node selector operator`)
  return requirement(key, known, values)
}

/** `metadata.name` is the only field there is; other ones are empty. */
function fieldMatcher({ key, operator, values = [] }: NodeSelectorRequirement): (node: Node) => boolean {
  const valueOf = (node: Node) => (key === 'metadata.name' ? (node.metadata.name ?? '') : '')
  if (values.length !== 1) return () => false
  if (operator === 'In') return (node) => valueOf(node) === values[0]
  if (operator === 'NotIn') return (node) => valueOf(node) !== values[0]
  return () => false
}
