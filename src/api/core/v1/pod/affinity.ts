import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { validateLabelName, validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import type { Affinity, LabelSelector, NodeAffinity, PodAffinity, PodAffinityTerm } from '../../../types.generated.ts'
import { validateNodeSelector, validateNodeSelectorTerm } from '../node-selector-validation.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** Which nodes and neighbours a pod wants (pkg/apis/core/validation validateAffinity). */
export function validateAffinity(affinity: Affinity | undefined, field: string, rules: PodSpecRules): FieldError[] {
  if (!affinity) return []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${field}.nodeAffinity`, rules) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, `${field}.podAffinity`, rules) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${field}.podAntiAffinity`, rules) : []),
  ]
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

function validateNodeAffinity(affinity: NodeAffinity, field: string, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  const terms = affinity[required]
  if (terms) {
    const allowInvalidValues = rules.allowInvalidNodeAffinityValues
    errors.push(...validateNodeSelector(terms, `${field}.${required}`, { allowInvalidValues }))
  }
  for (const [index, { weight, preference }] of (affinity[preferred] ?? []).entries()) {
    const at = `${field}.${preferred}[${index}]`
    errors.push(...checkWeight(weight, at))
    errors.push(...validateNodeSelectorTerm(preference, `${at}.preference`, { allowInvalidValues: true }))
  }
  return errors
}

function checkWeight(weight: number, field: string): FieldError[] {
  if (weight > 0 && weight <= 100) return []
  return [fieldErrors.invalid(`${field}.weight`, weight, 'must be in the range 1-100')]
}

function validatePodAffinity(affinity: PodAffinity, field: string, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, term] of (affinity[required] ?? []).entries()) {
    errors.push(...validateTerm(term, `${field}.${required}[${index}]`, rules))
  }
  for (const [index, { weight, podAffinityTerm }] of (affinity[preferred] ?? []).entries()) {
    const at = `${field}.${preferred}[${index}]`
    errors.push(...checkWeight(weight, at), ...validateTerm(podAffinityTerm, `${at}.podAffinityTerm`, rules))
  }
  return errors
}

function validateTerm(term: PodAffinityTerm, field: string, rules: PodSpecRules): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], matchLabelKeys, mismatchLabelKeys, topologyKey } = term
  const selectorRules = { allowInvalidLabelValue: rules.allowInvalidAffinitySelectors }
  const errors = validateLabelSelector(labelSelector, `${field}.labelSelector`, selectorRules)
  errors.push(...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`, selectorRules))
  for (const name of namespaces) {
    for (const text of dns1123Label(name)) errors.push(fieldErrors.invalid(`${field}.namespace`, name, text))
  }
  errors.push(...validateLabelKeys(field, matchLabelKeys, mismatchLabelKeys, labelSelector))
  if (!topologyKey) errors.push(fieldErrors.required(`${field}.topologyKey`, 'can not be empty'))
  errors.push(...validateLabelName(topologyKey, `${field}.topologyKey`))
  return errors
}

/** matchLabelKeys and mismatchLabelKeys beside the selector that they add to. */
export function validateLabelKeys(
  field: string,
  match: readonly string[] = [],
  mismatch: readonly string[] = [],
  selector: LabelSelector | undefined,
): FieldError[] {
  const errors = [
    ...checkLabelKeys(match, `${field}.matchLabelKeys`, selector),
    ...checkLabelKeys(mismatch, `${field}.mismatchLabelKeys`, selector),
  ]
  if (selector) {
    // The requirement that a key in matchLabelKeys became is there already; a second one is the user's.
    const keys = new Set(Object.keys(selector.matchLabels ?? {}))
    for (const { key } of selector.matchExpressions ?? []) {
      if (match.includes(key) && keys.has(key)) {
        const detail = 'exists in both matchLabelKeys and labelSelector'
        errors.push(fieldErrors.invalid(`${field}[${match.lastIndexOf(key)}]`, key, detail))
      }
      keys.add(key)
    }
  }
  for (const [index, key] of match.entries()) {
    if (!mismatch.includes(key)) continue
    const detail = 'exists in both matchLabelKeys and mismatchLabelKeys'
    errors.push(fieldErrors.invalid(`${field}.matchLabelKeys[${index}]`, key, detail))
  }
  return errors
}

const noSelectorText = 'must not be specified when labelSelector is not set'
function checkLabelKeys(keys: readonly string[], field: string, selector: LabelSelector | undefined): FieldError[] {
  if (keys.length === 0) return []
  if (!selector) return [fieldErrors.forbidden(field, noSelectorText)]
  return keys.flatMap((key, index) => validateLabelName(key, `${field}[${index}]`))
}

/** As releases before v1.34 judged matchLabelKeys of spread constraints. */
export function validateLegacyLabelKeys(
  keys: readonly string[] = [],
  field: string,
  selector: LabelSelector | undefined,
): FieldError[] {
  if (keys.length === 0) return []
  const errors: FieldError[] = selector ? [] : [fieldErrors.forbidden(field, noSelectorText)]
  const selected = new Set([
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map(({ key }) => key),
  ])
  for (const [index, key] of keys.entries()) {
    errors.push(...validateLabelName(key, `${field}[${index}]`))
    if (!selected.has(key)) continue
    const detail = 'exists in both matchLabelKeys and labelSelector'
    errors.push(fieldErrors.invalid(`${field}[${index}]`, key, detail))
  }
  return errors
}
