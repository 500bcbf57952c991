import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import { checkOneOf, checkPositive } from '../../../field-checks.ts'
import type { TopologySpreadConstraint } from '../../../types.generated.ts'
import { validateLabelKeys, validateLegacyLabelKeys } from './affinity.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** How evenly pods are spread (pkg/apis/core/validation validateTopologySpreadConstraints). */
const actions: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway']
const policies: readonly string[] = ['Honor', 'Ignore']

export function validateSpreadConstraints(
  constraints: readonly TopologySpreadConstraint[] = [],
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  return constraints.flatMap((constraint, index) =>
    validateConstraint(constraint, constraints.slice(index + 1), `${field}[${index}]`, rules),
  )
}

function validateConstraint(
  constraint: TopologySpreadConstraint,
  rest: readonly TopologySpreadConstraint[],
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, matchLabelKeys, labelSelector } = constraint
  const errors = checkPositive(maxSkew, `${field}.maxSkew`)
  if (!topologyKey) errors.push(fieldErrors.required(`${field}.topologyKey`, 'can not be empty'))
  errors.push(...checkOneOf(whenUnsatisfiable, `${field}.whenUnsatisfiable`, actions))
  if (rest.some((one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === whenUnsatisfiable)) {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    errors.push(fieldErrors.duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, pair))
  }
  if (minDomains !== undefined) {
    errors.push(...checkPositive(minDomains, `${field}.minDomains`))
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
      errors.push(fieldErrors.invalid(`${field}.minDomains`, minDomains, detail))
    }
  }
  for (const member of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[member]
    if (policy !== undefined) errors.push(...checkOneOf(policy, `${field}.${member}`, policies))
  }
  errors.push(
    ...(rules.legacySpreadLabelKeys
      ? validateLegacyLabelKeys(matchLabelKeys, `${field}.matchLabelKeys`, labelSelector)
      : validateLabelKeys(field, matchLabelKeys, [], labelSelector)),
  )
  if (!rules.allowInvalidSpreadSelectors) {
    errors.push(...validateLabelSelector(labelSelector, `${field}.labelSelector`))
  }
  return errors
}
