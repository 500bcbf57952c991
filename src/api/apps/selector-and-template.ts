import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { selectorOfLabelSelector, type Selector } from '../../machinery/labels/index.ts'
import { validateLabelSelector } from '../../machinery/validation/label-selector.ts'
import { validatePodTemplate } from '../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../core/v1/pod/validation-rules.ts'
import type { LabelSelector, PodTemplateSpec } from '../types.generated.ts'

/** What workloads have in common: a selector, and a template that it matches (pkg/apis/apps/validation). */

/** The selector that is meant; undefined: it cannot be. */
export function selectorOrUndefined(selector: LabelSelector | undefined): Selector | undefined {
  try {
    return selectorOfLabelSelector(selector)
  } catch {
    return undefined
  }
}

export function validateSelector(selector: LabelSelector | undefined, kind: string): FieldError[] {
  const field = 'spec.selector'
  if (!selector) return [fieldErrors.required(field)]
  const errors = validateLabelSelector(selector, field)
  if (isEmptySelector(selector)) {
    errors.push(fieldErrors.invalid(field, selector, `empty selector is invalid for ${kind}`))
  }
  return errors
}

export function isEmptySelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0
}

export function checkTemplateMatches(selector: Selector, template: PodTemplateSpec): FieldError[] {
  const { labels } = template.metadata ?? {}
  if (selector.matches(labels ?? {})) return []
  const detail = '`selector` does not match template `labels`'
  return [fieldErrors.invalid('spec.template.metadata.labels', labels ?? null, detail)]
}

/** Pods of workloads run until they are taken away. `kind`: as the text calls it. */
export function checkRunsForever({ spec }: PodTemplateSpec, kind: string): FieldError[] {
  const errors: FieldError[] = []
  if (spec?.restartPolicy !== 'Always') {
    errors.push(fieldErrors.notSupported('spec.template.spec.restartPolicy', spec?.restartPolicy ?? '', ['Always']))
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`
    errors.push(fieldErrors.forbidden('spec.template.spec.activeDeadlineSeconds', detail))
  }
  return errors
}

/** The selector and the template of ReplicaSets and Deployments. */
export function validateReplicaTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  rules: PodSpecRules,
): FieldError[] {
  // ReplicaSets are called deployments there, too.
  const errors = validateSelector(selector, 'deployment')
  const meant = selectorOrUndefined(selector)
  if (meant === undefined) {
    return [...errors, fieldErrors.invalid('spec.selector', selector ?? null, 'invalid label selector')]
  }
  return [
    ...errors,
    ...checkTemplateMatches(meant, template),
    ...validatePodTemplate(template, 'spec.template', rules),
    ...checkRunsForever(template, 'ReplicaSet'),
  ]
}
