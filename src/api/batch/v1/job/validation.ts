import type { RuleContext } from '../../../definition.ts'
import type { FeatureEnabled } from '../../../features/feature-gates.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { hasInvalidLabelValue, validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { checkTemplateMatches, selectorOrUndefined } from '../../../apps/selector-and-template.ts'
import { templateRules } from '../../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../../core/v1/pod/validation-rules.ts'
import { validateImmutableInternal } from '../../../internal-form.ts'
import { podTemplateWarnings } from '../../../core/v1/pod/warnings.ts'
import type { Affinity, Container, Job, JobSpec, PodSpec, PodTemplateSpec } from '../../../types.generated.ts'
import { validateJobSpec } from './spec-validation.ts'
import { isConditionTrue } from './status-validation.ts'

/** pkg/apis/batch/validation ValidateJobCreate. */
export function validateJob(job: Job, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  return [
    ...validateGeneratedSelector(job),
    ...validateSpecAndSelector(job.spec!, templateRules(undefined, enabled)),
    ...validatePodNames(job),
  ]
}

export function validateJobUpdate(job: Job, old: Job, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  const spec = job.spec!
  const before = old.spec!
  const rules = templateRules(before.template, enabled)
  const allowInvalidAffinitySelectors = rules.allowInvalidAffinitySelectors || hasInvalidLabelValue(before.selector)
  const errors = validateSpecAndSelector(spec, { ...rules, allowInvalidAffinitySelectors })
  errors.push(...validateCompletions(spec, before))
  const fixed = (member: keyof JobSpec & string) =>
    errors.push(...validateImmutable(spec[member] ?? null, before[member] ?? null, `spec.${member}`))
  const policyStays = (member: 'podFailurePolicy' | 'successPolicy', type: string) =>
    errors.push(
      ...validateImmutableInternal(`io.k8s.api.batch.v1.${type}`, spec[member], before[member], `spec.${member}`),
    )
  fixed('selector')
  errors.push(...validateTemplateChange(spec, old, enabled))
  fixed('completionMode')
  policyStays('podFailurePolicy', 'PodFailurePolicy')
  fixed('backoffLimitPerIndex')
  fixed('managedBy')
  policyStays('successPolicy', 'SuccessPolicy')
  return [...errors, ...validatePodNames(job)]
}

/** A job without a selector of its own selects by its uid, and its pods have that in their labels. */
function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  const { manualSelector, selector, template } = spec!
  if (manualSelector || !selector) return []
  const { uid = '', name = '' } = metadata
  const errors: FieldError[] = uid ? [] : [fieldErrors.required('metadata.uid')]
  const labels: Readonly<Record<string, string>> = template.metadata?.labels ?? {}
  const expected: Readonly<Record<string, string>> = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  }
  for (const [key, value] of Object.entries(expected)) {
    const field = `spec.template.metadata.labels[${key}]`
    if (!Object.hasOwn(labels, key)) errors.push(fieldErrors.required(field, `must be '${value}'`))
    else if (labels[key] !== value) errors.push(fieldErrors.invalid(field, labels, `must be '${value}'`))
  }
  if (selectorOrUndefined(selector)?.matches(expected) === false) {
    errors.push(fieldErrors.invalid('spec.selector', selector, '`selector` not auto-generated'))
  }
  return errors
}

function validateSpecAndSelector(spec: JobSpec, rules: PodSpecRules): FieldError[] {
  const errors = validateJobSpec(spec, 'spec', rules)
  if (!spec.selector) errors.push(fieldErrors.required('spec.selector'))
  const allowInvalidLabelValue = rules.allowInvalidAffinitySelectors
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector', { allowInvalidLabelValue }))
  const meant = selectorOrUndefined(spec.selector)
  return meant ? [...errors, ...checkTemplateMatches(meant, spec.template)] : errors
}

/** Pods of indexed jobs are called after their index. */
function validatePodNames({ metadata, spec }: Job): FieldError[] {
  const { completionMode, completions = 0 } = spec!
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const longest = `${metadata.name ?? ''}-${completions - 1}`
  if (dns1123Label(longest).length === 0) return []
  const detail = `will not able to create pod with invalid DNS label: ${longest}`
  return [fieldErrors.invalid('metadata.name', metadata.name ?? '', detail)]
}

function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  const field = 'spec.completions'
  if (spec.completionMode !== 'Indexed') {
    return validateImmutable(spec.completions ?? null, old.completions ?? null, field)
  }
  if (spec.completions === old.completions || spec.completions === undefined) return []
  if (spec.completions === spec.parallelism) return []
  return [fieldErrors.invalid(field, spec.completions, 'can only be modified in tandem with spec.parallelism')]
}

/** Of a job that is suspended and has no pods, where they will run and what they will ask for. */
function validateTemplateChange({ template }: JobSpec, { spec, status }: Job, enabled: FeatureEnabled): FieldError[] {
  const field = 'spec.template'
  const before = spec!.template
  const stopped = !status?.startTime || isConditionTrue(status, 'Suspended')
  const suspended = spec!.suspend === true
  const changeable = suspended && stopped && !status?.active
  const directives = enabled('MutableSchedulingDirectivesForSuspendedJobs')
    ? changeable
    : suspended && !status?.startTime
  const old = directives ? withDirectives(before, template) : before
  if (!changeable || !enabled('MutablePodResourcesForSuspendedJobs')) {
    return validateImmutableInternal('io.k8s.api.core.v1.PodTemplateSpec', template, old, field)
  }
  // What is compared then is the spec alone.
  const resources = withResources(old.spec!, template.spec!)
  return validateImmutableInternal('io.k8s.api.core.v1.PodSpec', template.spec, resources, `${field}.spec`)
}

/** The old template with the new scheduling directives, labels and annotations. */
function withDirectives(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const spec: { -readonly [Member in keyof PodSpec]: PodSpec[Member] } = { ...old.spec! }
  const now = template.spec!
  for (const member of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) {
    if (now[member] === undefined) delete spec[member]
    else Object.assign(spec, { [member]: now[member] })
  }
  const affinity = withNodeAffinity(old.spec!.affinity, now.affinity)
  if (affinity === undefined) delete spec.affinity
  else spec.affinity = affinity
  const { labels: _labels, annotations: _annotations, ...others } = old.metadata ?? {}
  const { labels, annotations } = template.metadata ?? {}
  return { ...old, spec, metadata: { ...others, ...(labels && { labels }), ...(annotations && { annotations }) } }
}

function withNodeAffinity(old: Affinity | undefined, affinity: Affinity | undefined): Affinity | undefined {
  const { nodeAffinity: _, ...others } = old ?? {}
  if (affinity === undefined) return Object.keys(others).length > 0 ? others : undefined
  return { ...others, ...(affinity.nodeAffinity && { nodeAffinity: affinity.nodeAffinity }) }
}

function withResources(old: PodSpec, spec: PodSpec): PodSpec {
  const of = (before: readonly Container[] | undefined, now: readonly Container[] | undefined) => {
    if (before?.length !== now?.length) return before
    return before?.map((container, index) => {
      const { name, resources } = now![index]!
      if (name !== container.name) return container
      const { resources: _, ...others } = container
      return resources === undefined ? others : { ...others, resources }
    })
  }
  const initContainers = of(old.initContainers, spec.initContainers)
  return {
    ...old,
    containers: of(old.containers, spec.containers) ?? [],
    ...(initContainers && { initContainers }),
  }
}

const manyText =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'

/** pkg/api/job/warnings.go. */
export function jobSpecWarnings(spec: JobSpec | undefined, field: string): string[] {
  const many =
    spec?.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000
  return [...(many ? [`${field}: ${manyText}`] : []), ...podTemplateWarnings(spec?.template, `${field}.template`)]
}
