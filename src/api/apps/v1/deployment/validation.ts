import type { RuleContext } from '../../../definition.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateImmutable, validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { checkAtMostAll, checkPositiveIntOrPercent, numberOf } from '../../../int-or-percent-checks.ts'
import { checkCollisionCount, checkCounts, checkParts } from '../../../replica-status.ts'
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStrategy,
  RollingUpdateDeployment,
} from '../../../types.generated.ts'
import { templateRules } from '../../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../../core/v1/pod/validation-rules.ts'
import { validateReplicaTemplate } from '../../selector-and-template.ts'

/** pkg/apis/apps/validation ValidateDeployment. */
export function validateDeployment({ spec }: Deployment, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  return validateSpec(spec!, templateRules(undefined, enabled))
}

export function validateDeploymentUpdate(
  { spec }: Deployment,
  old: Deployment,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  return [
    ...validateSpec(spec!, templateRules(old.spec?.template, enabled)),
    ...validateImmutable(spec!.selector ?? null, old.spec?.selector ?? null, 'spec.selector'),
  ]
}

function validateSpec(spec: DeploymentSpec, rules: PodSpecRules): FieldError[] {
  const errors = validateNonnegative(spec.replicas, 'spec.replicas')
  errors.push(...validateReplicaTemplate(spec.selector, spec.template, rules))
  errors.push(...validateStrategy(spec.strategy ?? {}, 'spec.strategy'))
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  errors.push(...validateNonnegative(minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateNonnegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'))
  const field = 'spec.progressDeadlineSeconds'
  errors.push(...validateNonnegative(deadline, field))
  if (deadline !== undefined && deadline <= minReadySeconds) {
    errors.push(fieldErrors.invalid(field, deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, field: string): FieldError[] {
  const at = `${field}.rollingUpdate`
  if (type === 'Recreate') {
    if (!rollingUpdate) return []
    return [fieldErrors.forbidden(at, "may not be specified when strategy `type` is 'Recreate'")]
  }
  if (type === 'RollingUpdate') {
    if (!rollingUpdate) return [fieldErrors.required(at, 'this should be defaulted and never be nil')]
    return validateRollingUpdate(rollingUpdate, at)
  }
  const internal = { Type: type ?? '', RollingUpdate: internalRollingUpdate(rollingUpdate) }
  return [fieldErrors.notSupported(field, internal, ['Recreate', 'RollingUpdate'])]
}

/** As upstream's internal type is printed. */
export function internalRollingUpdate(rollingUpdate: RollingUpdateDeployment | undefined): unknown {
  if (!rollingUpdate) return null
  return { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
}

function validateRollingUpdate(update: RollingUpdateDeployment, field: string): FieldError[] {
  const { maxUnavailable = 0, maxSurge = 0 } = update
  const errors = checkPositiveIntOrPercent(maxUnavailable, `${field}.maxUnavailable`)
  errors.push(...checkPositiveIntOrPercent(maxSurge, `${field}.maxSurge`))
  if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0) {
    const detail = 'may not be 0 when `maxSurge` is 0'
    errors.push(fieldErrors.invalid(`${field}.maxUnavailable`, maxUnavailable, detail))
  }
  return [...errors, ...checkAtMostAll(maxUnavailable, `${field}.maxUnavailable`)]
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
]

export function validateDeploymentStatus({ status }: Deployment, old: Deployment): FieldError[] {
  return [
    ...checkCounts(status, counts),
    ...checkParts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], 'readyReplicas'),
    ...checkCollisionCount(status?.collisionCount, old.status?.collisionCount),
  ]
}
