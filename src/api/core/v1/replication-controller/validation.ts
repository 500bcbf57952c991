import type { RuleContext } from '../../../definition.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { selectorOfLabels } from '../../../../machinery/labels/index.ts'
import { validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { checkCounts, checkParts } from '../../../replica-status.ts'
import type { PodTemplateSpec, ReplicationController, ReplicationControllerSpec } from '../../../types.generated.ts'
import { templateRules, validatePodTemplate } from '../pod/template-validation.ts'
import type { PodSpecRules } from '../pod/validation-rules.ts'

/** pkg/apis/core/validation ValidateReplicationController, with what is declared of the type at its end. */
export function validateReplicationController(
  { spec }: ReplicationController,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  return validateSpec(spec!, templateRules(undefined, enabled))
}

const nonConvertible = 'non-convertible.kubernetes.io/'

export function validateReplicationControllerUpdate(
  { spec }: ReplicationController,
  old: ReplicationController,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  const errors = validateSpec(spec!, templateRules(old.spec?.template, enabled))
  for (const [key, value] of Object.entries(old.metadata.annotations ?? {})) {
    const [, name, ...more] = key.split('/')
    if (!key.startsWith(nonConvertible) || name === undefined || more.length > 0) continue
    if (!name.includes('selector')) {
      errors.push({ ...fieldErrors.notFound(name, value), detail: 'unknown non-convertible field' })
    } else if (!jsonEqual(spec!.selector, old.spec?.selector)) {
      errors.push(fieldErrors.invalid('spec.selector', spec!.selector, 'cannot update non-convertible selector'))
    }
  }
  return errors
}

function validateSpec(spec: ReplicationControllerSpec, rules: PodSpecRules): FieldError[] {
  const { selector = {}, template, replicas, minReadySeconds } = spec
  const errors: FieldError[] = []
  if (Object.keys(selector).length === 0) errors.push(fieldErrors.required('spec.selector'))
  if (!template) errors.push(fieldErrors.required('spec.template'))
  else errors.push(...validateTemplate(template, selector, rules))
  if (replicas === undefined) errors.push(fieldErrors.required('spec.replicas'))
  errors.push(...validateNonnegative(replicas, 'spec.replicas'))
  errors.push(...validateNonnegative(minReadySeconds, 'spec.minReadySeconds'))
  return errors
}

function validateTemplate(
  template: PodTemplateSpec,
  selector: Readonly<Record<string, string>>,
  rules: PodSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const labels = template.metadata?.labels
  if (!selectorOfLabels(selector).matches(labels ?? {})) {
    const detail = '`selector` does not match template `labels`'
    errors.push(fieldErrors.invalid('spec.template.metadata.labels', labels ?? null, detail))
  }
  errors.push(...validatePodTemplate(template, 'spec.template', rules))
  const restart = template.spec?.restartPolicy ?? ''
  if (restart !== 'Always') {
    errors.push(fieldErrors.notSupported('spec.template.spec.restartPolicy', restart, ['Always']))
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported'
    errors.push(fieldErrors.forbidden('spec.template.spec.activeDeadlineSeconds', detail))
  }
  return errors
}

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration']

export function validateReplicationControllerStatus({ status }: ReplicationController): FieldError[] {
  const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
  return [...checkCounts(status, counts), ...checkParts(status, parts, 'readyReplicas')]
}
