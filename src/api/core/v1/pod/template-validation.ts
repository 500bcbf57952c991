import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateLabels } from '../../../../machinery/validation/label-selector.ts'
import { validateAnnotations } from '../../../../machinery/validation/object-meta.ts'
import type { FeatureEnabled } from '../../../features/feature-gates.ts'
import type { PodTemplateSpec } from '../../../types.generated.ts'
import { validatePodAnnotations, validateProfilesMatch } from './annotations.ts'
import { rulesForUpdate } from './rules-for-update.ts'
import { validatePodSpec } from './spec-validation.ts'
import { podSpecRules, type PodSpecRules } from './validation-rules.ts'

/** What holds for a template, given the one that it takes the place of. */
export function templateRules(old: PodTemplateSpec | undefined, enabled: FeatureEnabled): PodSpecRules {
  const strict = podSpecRules(enabled)
  return old === undefined ? strict : rulesForUpdate(old, strict)
}

/** pkg/apis/core/validation ValidatePodTemplateSpec. */
export function validatePodTemplate(template: PodTemplateSpec, field: string, rules: PodSpecRules): FieldError[] {
  const { metadata, spec } = template
  const errors = validateLabels(metadata?.labels, `${field}.labels`)
  errors.push(...validateAnnotations(metadata?.annotations, `${field}.annotations`))
  if (!spec) return [...errors, fieldErrors.required(`${field}.spec.containers`)]
  errors.push(...validatePodAnnotations(metadata?.annotations, spec, `${field}.annotations`, rules))
  errors.push(...validatePodSpec(spec, undefined, `${field}.spec`, rules))
  errors.push(...validateProfilesMatch(metadata, spec, `${field}.spec`))
  if (spec.ephemeralContainers?.length) {
    const detail = 'ephemeral containers not allowed in pod template'
    errors.push(fieldErrors.forbidden(`${field}.spec.ephemeralContainers`, detail))
  }
  return errors
}
