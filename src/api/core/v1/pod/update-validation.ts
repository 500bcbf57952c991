import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonDiff } from '../../../../machinery/json-diff.ts'
import { internalForm } from '../../../internal-form.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { inclusiveRange } from '../../../../machinery/validation/message-text.ts'
import type { RuleContext } from '../../../definition.ts'
import type { NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../../types.generated.ts'
import { mirrorAnnotation, validateAnnotationChanges, validatePodAnnotations } from './annotations.ts'
import { rulesForUpdate } from './rules-for-update.ts'
import { validateTolerations } from './toleration-validation.ts'
import { validateMetadataAndSpec } from './validation.ts'
import { podRules, type PodSpecRules } from './validation-rules.ts'

/** What may change in a pod: little (pkg/apis/core/validation ValidatePodUpdate). */
const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

const maxInt32 = 2 ** 31 - 1

/** The rules for a pod that takes the place of another. */
export function podUpdateRules(old: Pod, { enabled }: Pick<RuleContext, 'enabled'>): PodSpecRules {
  return rulesForUpdate(old, podRules(enabled))
}

export function validatePodUpdate(pod: Pod, old: Pod, context: Pick<RuleContext, 'enabled'>): FieldError[] {
  const rules = podUpdateRules(old, context)
  const errors = validateMetadataAndSpec(pod, rules)
  errors.push(...validateAnnotationUpdate(pod, old, rules))
  const spec = pod.spec!
  const before = old.spec!
  for (const member of ['containers', 'initContainers'] as const) {
    if ((spec[member]?.length ?? 0) !== (before[member]?.length ?? 0)) {
      errors.push(fieldErrors.forbidden(`spec.${member}`, 'pod updates may not add or remove containers'))
      return errors
    }
    errors.push(...validateImages(spec, member))
  }
  const deadline = validateDeadline(spec, before)
  errors.push(...deadline.errors)
  if (deadline.stop) return errors
  errors.push(...validateOnlyAddedTolerations(spec.tolerations, before.tolerations, rules))
  errors.push(...validateOnlyRemovedGates(spec, before))
  if (jsonEqual(spec, before)) return errors
  const rest = withoutChangeable(spec, before)
  if (before.schedulingGates?.length) errors.push(...validateGated(rest, before))
  if (!jsonEqual(rest, before)) {
    const detail = `pod updates may not change fields other than ${changeable}\n${podSpecDiff(before, rest)}`
    errors.push(fieldErrors.forbidden('spec', detail))
  }
  return errors
}

const container = 'io.k8s.api.core.v1.EphemeralContainer'

function podSpecDiff(before: PodSpec, now: PodSpec): string {
  const shown = (spec: PodSpec) => internalForm('io.k8s.api.core.v1.PodSpec', spec)
  return jsonDiff(shown(before), shown(now))
}

/** Annotations after a change; those that mean something cannot change. */
export function validateAnnotationUpdate(pod: Pod, old: Pod, rules: PodSpecRules): FieldError[] {
  const field = 'metadata.annotations'
  const { annotations } = pod.metadata
  return [
    ...validateAnnotationChanges(annotations, old.metadata.annotations, field),
    ...validatePodAnnotations(annotations, pod.spec!, field, rules),
  ]
}

function validateImages(spec: PodSpec, member: 'containers' | 'initContainers'): FieldError[] {
  return (spec[member] ?? []).flatMap(({ image = '' }, index) => {
    const field = `spec.${member}[${index}].image`
    const errors = image ? [] : [fieldErrors.required(field)]
    if (image !== image.trim()) {
      errors.push(fieldErrors.invalid(field, image, 'must not have leading or trailing whitespace'))
    }
    return errors
  })
}

/** A deadline may be set, and come nearer. */
function validateDeadline(spec: PodSpec, old: PodSpec): { errors: FieldError[]; stop: boolean } {
  const field = 'spec.activeDeadlineSeconds'
  const seconds = spec.activeDeadlineSeconds
  const before = old.activeDeadlineSeconds
  const wrong = (detail: string, stop: boolean) => ({
    errors: [fieldErrors.invalid(field, seconds ?? null, detail)],
    stop,
  })
  if (seconds === undefined) {
    if (before === undefined) return { errors: [], stop: false }
    return wrong('must not update from a positive integer to nil value', false)
  }
  if (seconds < 0 || seconds > maxInt32) return wrong(inclusiveRange(0, maxInt32), true)
  if (before !== undefined && before < seconds) return wrong('must be less than or equal to previous value', true)
  return { errors: [], stop: false }
}

function validateOnlyAddedTolerations(
  tolerations: readonly Toleration[] = [],
  old: readonly Toleration[] = [],
  rules: PodSpecRules,
): FieldError[] {
  const same = (a: Toleration, b: Toleration) => jsonEqual(a, { ...b, tolerationSeconds: a.tolerationSeconds })
  if (old.some((one) => !tolerations.some((toleration) => same(toleration, one)))) {
    const detail = 'existing toleration can not be modified except its tolerationSeconds'
    return [fieldErrors.forbidden('spec.tolerations', detail)]
  }
  return validateTolerations(tolerations, 'spec.tolerations', rules)
}

function validateOnlyRemovedGates(spec: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name))
  return (spec.schedulingGates ?? []).flatMap(({ name }, index) =>
    before.has(name)
      ? []
      : [
          fieldErrors.forbidden(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )
}

type Changing = { -readonly [Member in keyof PodSpec]: PodSpec[Member] }

/** The new spec with the old values of what may change, so that what is left to differ may not. */
function withoutChangeable(spec: PodSpec, old: PodSpec): Changing {
  const rest: Changing = { ...spec }
  const restore = <Member extends keyof PodSpec>(member: Member) => {
    if (old[member] === undefined) delete rest[member]
    else rest[member] = old[member]
  }
  rest.containers = spec.containers.map((one, index) => ({ ...one, image: old.containers[index]!.image }))
  if (spec.initContainers) {
    rest.initContainers = spec.initContainers.map((one, index) => ({
      ...one,
      image: old.initContainers![index]!.image,
    }))
  }
  restore('activeDeadlineSeconds')
  restore('schedulingGates')
  restore('tolerations')
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1) {
    restore('terminationGracePeriodSeconds')
  }
  return rest
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'

/** While it is held back, a pod may still be pinned to fewer nodes. Takes from `rest` what it has judged. */
function validateGated(rest: Changing, old: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  if (!jsonEqual(rest.nodeSelector, old.nodeSelector)) {
    const selector = rest.nodeSelector ?? {}
    if (Object.entries(old.nodeSelector ?? {}).some(([key, value]) => selector[key] !== value)) {
      const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
      errors.push(fieldErrors.invalid('spec.nodeSelector', rest.nodeSelector ?? null, detail))
    }
    if (old.nodeSelector === undefined) delete rest.nodeSelector
    else rest.nodeSelector = old.nodeSelector
  }
  const affinity = rest.affinity?.nodeAffinity
  const before = old.affinity?.nodeAffinity
  if (jsonEqual(affinity, before)) return errors
  errors.push(...validateNodeAffinityChange(affinity, before))
  const { nodeAffinity: _, ...others } = rest.affinity ?? {}
  if (before !== undefined) rest.affinity = { ...others, nodeAffinity: before }
  else if (old.affinity === undefined && Object.keys(others).length === 0) delete rest.affinity
  else rest.affinity = others
  return errors
}

function validateNodeAffinityChange(affinity: NodeAffinity | undefined, old: NodeAffinity | undefined): FieldError[] {
  const before = old?.[required]?.nodeSelectorTerms ?? []
  const terms = affinity?.[required]?.nodeSelectorTerms ?? []
  const field = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`
  if (before.length === 0) return []
  if (before.length !== terms.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    return [fieldErrors.invalid(field, terms.length === 0 ? null : terms.map(shownTerm), detail)]
  }
  return before.flatMap((term, index) =>
    onlyAdds(terms[index]!, term)
      ? []
      : [
          fieldErrors.invalid(
            `${field}[${index}]`,
            shownTerm(terms[index]!),
            'only additions are allowed (no mutations or deletions)',
          ),
        ],
  )
}

function shownTerm(term: NodeSelectorTerm): unknown {
  return internalForm('io.k8s.api.core.v1.NodeSelectorTerm', term)
}

function onlyAdds(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const members = ['matchExpressions', 'matchFields'] as const
  const count = (one: NodeSelectorTerm) => members.reduce((sum, member) => sum + (one[member]?.length ?? 0), 0)
  // A term without requirements matches nothing; with some it would match more.
  if (count(old) === 0) return count(term) === 0
  return members.every((member) => {
    const before = old[member] ?? []
    return jsonEqual((term[member] ?? []).slice(0, before.length), before)
  })
}

/** Containers for debugging are added, and then stay (ValidatePodEphemeralContainersUpdate). */
export function validateEphemeralContainersUpdate(
  pod: Pod,
  old: Pod,
  context: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [fieldErrors.forbidden('', 'static pods do not support ephemeral containers')]
  }
  const rules = podUpdateRules(old, context)
  const errors = [...validateMetadataAndSpec(pod, rules), ...validateAnnotationUpdate(pod, old, rules)]
  const field = 'spec.ephemeralContainers'
  for (const before of old.spec?.ephemeralContainers ?? []) {
    const now = pod.spec!.ephemeralContainers?.findLast(({ name }) => name === before.name)
    const name = JSON.stringify(before.name)
    if (now === undefined) {
      errors.push(fieldErrors.forbidden(field, `existing ephemeral containers ${name} may not be removed\n`))
    } else if (!jsonEqual(now, before)) {
      const detail = `existing ephemeral containers ${name} may not be changed\n${jsonDiff(internalForm(container, before), internalForm(container, now))}`
      errors.push(fieldErrors.forbidden(field, detail))
    }
  }
  return errors
}
