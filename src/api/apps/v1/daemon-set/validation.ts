import type { RuleContext } from '../../../definition.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { hasInvalidLabelValue, validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import { validateImmutable, validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { templateRules, validatePodTemplate } from '../../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../../core/v1/pod/validation-rules.ts'
import { checkAtMostAll, checkPositiveIntOrPercent, numberOf } from '../../../int-or-percent-checks.ts'
import { checkCollisionCount, checkCounts } from '../../../replica-status.ts'
import type {
  DaemonSet,
  DaemonSetSpec,
  DaemonSetUpdateStrategy,
  RollingUpdateDaemonSet,
} from '../../../types.generated.ts'
import {
  checkRunsForever,
  checkTemplateMatches,
  isEmptySelector,
  selectorOrUndefined,
} from '../../selector-and-template.ts'
import { internalRollingUpdate } from '../deployment/validation.ts'

/** pkg/apis/apps/validation ValidateDaemonSet. */
export function validateDaemonSet({ spec }: DaemonSet, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  return validateSpec(spec!, templateRules(undefined, enabled))
}

export function validateDaemonSetUpdate(
  { spec }: DaemonSet,
  old: DaemonSet,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  const rules = templateRules(old.spec?.template, enabled)
  const allowInvalidAffinitySelectors = rules.allowInvalidAffinitySelectors || hasInvalidLabelValue(old.spec?.selector)
  return [
    ...validateImmutable(spec!.selector ?? null, old.spec?.selector ?? null, 'spec.selector'),
    ...validateSpec(spec!, { ...rules, allowInvalidAffinitySelectors }),
  ]
}

function validateSpec(spec: DaemonSetSpec, rules: PodSpecRules): FieldError[] {
  const { selector, template, minReadySeconds, updateStrategy, revisionHistoryLimit } = spec
  const errors = validateLabelSelector(selector, 'spec.selector', {
    allowInvalidLabelValue: rules.allowInvalidAffinitySelectors,
  })
  const meant = selectorOrUndefined(selector)
  if (meant) errors.push(...checkTemplateMatches(meant, template))
  if (selector && isEmptySelector(selector)) {
    errors.push(fieldErrors.invalid('spec.selector', selector, 'empty selector is invalid for daemonset'))
  }
  errors.push(...validatePodTemplate(template, 'spec.template', rules), ...checkRunsForever(template, 'DaemonSet'))
  errors.push(...validateNonnegative(minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateStrategy(updateStrategy ?? {}, 'spec.updateStrategy'))
  errors.push(...validateNonnegative(revisionHistoryLimit, 'spec.revisionHistoryLimit'))
  return errors
}

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, field: string): FieldError[] {
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') {
    const internal = { Type: type ?? '', RollingUpdate: internalRollingUpdate(rollingUpdate) }
    return [fieldErrors.notSupported(field, internal, ['RollingUpdate', 'OnDelete'])]
  }
  if (!rollingUpdate) return [fieldErrors.required(`${field}.rollingUpdate`)]
  return validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`)
}

/** Nodes are without a pod for a while, or have two: one or the other. */
function validateRollingUpdate(update: RollingUpdateDaemonSet, field: string): FieldError[] {
  const { maxUnavailable = 0, maxSurge = 0 } = update
  const errors = checkPositiveIntOrPercent(maxUnavailable, `${field}.maxUnavailable`)
  errors.push(...checkPositiveIntOrPercent(maxSurge, `${field}.maxSurge`))
  errors.push(...checkAtMostAll(maxUnavailable, `${field}.maxUnavailable`))
  errors.push(...checkAtMostAll(maxSurge, `${field}.maxSurge`))
  const [unavailable, surge] = [numberOf(maxUnavailable) !== 0, numberOf(maxSurge) !== 0]
  if (unavailable && surge) {
    const detail = 'may not be set when maxUnavailable is non-zero'
    errors.push(fieldErrors.invalid(`${field}.maxSurge`, maxSurge, detail))
  }
  if (!unavailable && !surge) {
    errors.push(fieldErrors.required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return errors
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
]

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  return [...checkCounts(status, counts), ...checkCollisionCount(status?.collisionCount, old.status?.collisionCount)]
}
