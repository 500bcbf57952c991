import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import type { RuleContext } from '../../../definition.ts'
import type { Pod } from '../../../types.generated.ts'
import { validatePodAnnotations, validateProfilesMatch } from './annotations.ts'
import { validateImageText } from './containers.ts'
import { validatePodSpec } from './spec-validation.ts'
import { podRules, type PodSpecRules } from './validation-rules.ts'

/** A pod as it is made (pkg/apis/core/validation ValidatePodCreate). */
export function validatePod(pod: Pod, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  const errors = validateMetadataAndSpec(pod, podRules(enabled))
  const spec = pod.spec!
  if (spec.ephemeralContainers?.length) {
    errors.push(fieldErrors.forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = 'cannot be set until all schedulingGates have been cleared'
    errors.push(fieldErrors.forbidden('spec.nodeName', detail))
  }
  errors.push(...validateProfilesMatch(pod.metadata, spec, 'spec'))
  return errors
}

/** What holds of a pod at any time. */
export function validateMetadataAndSpec(pod: Pod, rules: PodSpecRules): FieldError[] {
  const spec = pod.spec!
  const errors = validatePodAnnotations(pod.metadata.annotations, spec, 'metadata.annotations', rules)
  errors.push(...validatePodSpec(spec, pod.metadata, 'spec', rules))
  if (!spec.serviceAccountName) {
    for (const [volume, { projected }] of (spec.volumes ?? []).entries()) {
      for (const [source, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
        if (!serviceAccountToken) continue
        const field = `spec.volumes[${volume}].projected.sources[${source}].serviceAccountToken`
        errors.push(fieldErrors.forbidden(field, 'must not be specified when serviceAccountName is not set'))
      }
    }
  }
  errors.push(...validateNonnegative(spec.terminationGracePeriodSeconds, 'spec.terminationGracePeriodSeconds'))
  for (const member of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[member] ?? []).entries()) {
      errors.push(...validateImageText(container, `spec.${member}[${index}]`))
    }
  }
  return errors
}
