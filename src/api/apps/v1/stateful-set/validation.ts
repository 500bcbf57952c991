import type { RuleContext } from '../../../definition.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { validateLabels } from '../../../../machinery/validation/label-selector.ts'
import {
  validateAnnotations,
  validateImmutable,
  validateNonnegative,
} from '../../../../machinery/validation/object-meta.ts'
import { validateClaimSpec } from '../../../core/v1/persistent-volume-claim/spec-validation.ts'
import { validatePodAnnotations } from '../../../core/v1/pod/annotations.ts'
import { templateRules, validatePodTemplate } from '../../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../../core/v1/pod/validation-rules.ts'
import { checkField } from '../../../field-checks.ts'
import { validateImmutableInternal } from '../../../internal-form.ts'
import { checkAtMostAll, checkPositiveIntOrPercent, numberOf } from '../../../int-or-percent-checks.ts'
import { checkCollisionCount, checkCounts, checkParts } from '../../../replica-status.ts'
import type {
  PodTemplateSpec,
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
  Volume,
} from '../../../types.generated.ts'
import {
  checkRunsForever,
  checkTemplateMatches,
  selectorOrUndefined,
  validateSelector,
} from '../../selector-and-template.ts'

/** pkg/apis/apps/validation ValidateStatefulSet. */
interface SetRules {
  /** The stored set is not changed by this, or cannot be: it is let be. */
  readonly isUpdate: boolean
  readonly skipTemplate: boolean
  readonly allowRecreate: boolean
}

export function validateStatefulSet({ spec }: StatefulSet, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  return validateSpec(spec!, templateRules(undefined, enabled), {
    isUpdate: false,
    skipTemplate: false,
    allowRecreate: enabled('StatefulSetRecreateStrategy'),
  })
}

export function validateStatefulSetUpdate(
  { spec }: StatefulSet,
  old: StatefulSet,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  const rules = templateRules(old.spec?.template, enabled)
  const before = old.spec!
  const allowRecreate = enabled('StatefulSetRecreateStrategy') || before.updateStrategy?.type === 'Recreate'
  const wasWrong = validateSpec(before, rules, { isUpdate: true, skipTemplate: false, allowRecreate }).length > 0
  const errors = validateSpec(spec!, rules, { isUpdate: true, skipTemplate: wasWrong, allowRecreate })
  errors.push(...validateImmutable(spec!.selector ?? null, before.selector ?? null, 'spec.selector'))
  const claims = [spec!.volumeClaimTemplates, before.volumeClaimTemplates] as const
  errors.push(
    ...validateImmutableInternal('io.k8s.api.core.v1.PersistentVolumeClaim', ...claims, 'spec.volumeClaimTemplates'),
  )
  for (const member of ['serviceName', 'podManagementPolicy'] as const) {
    errors.push(...validateImmutable(spec![member] ?? '', before[member] ?? '', `spec.${member}`))
  }
  return errors
}

function validateSpec(spec: StatefulSetSpec, rules: PodSpecRules, set: SetRules): FieldError[] {
  const errors: FieldError[] = []
  const { podManagementPolicy: policy } = spec
  if (!policy) errors.push(fieldErrors.required('spec.podManagementPolicy'))
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(fieldErrors.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  errors.push(...validateStrategy(spec, set.allowRecreate), ...validateRetention(spec))
  if (!set.isUpdate) {
    for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
      errors.push(...validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}].spec`))
    }
  }
  errors.push(...validateNonnegative(spec.replicas, 'spec.replicas'))
  errors.push(...validateNonnegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateNonnegative(spec.ordinals?.start, 'spec.ordinals.start'))
  if (!set.isUpdate && spec.serviceName) errors.push(...checkField(spec.serviceName, 'spec.serviceName', dns1123Label))
  errors.push(...validateSelector(spec.selector, 'statefulset'))
  const meant = selectorOrUndefined(spec.selector)
  if (meant === undefined) errors.push(fieldErrors.invalid('spec.selector', spec.selector ?? null, ''))
  else {
    errors.push(...checkTemplateMatches(meant, spec.template))
    errors.push(...validateTemplate(templateOfPods(spec), rules, set))
  }
  return [...errors, ...checkRunsForever(spec.template, 'StatefulSet')]
}

/** The template as pods are made of it: the controller names them, and gives them volumes for their claims. */
function templateOfPods({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template.spec) return template
  const { subdomain: _subdomain, hostname: _hostname, volumes = [], ...rest } = template.spec
  const claimed = new Map<string, Volume>()
  for (const { metadata } of volumeClaimTemplates) {
    const name = metadata.name ?? ''
    claimed.set(name, { name, persistentVolumeClaim: { claimName: name } })
  }
  const own = volumes.filter(({ name }) => !claimed.has(name))
  return { ...template, spec: { ...rest, volumes: [...claimed.values(), ...own] } }
}

function validateTemplate(template: PodTemplateSpec, rules: PodSpecRules, set: SetRules): FieldError[] {
  const field = 'spec.template'
  const { metadata, spec } = template
  return [
    ...(set.skipTemplate ? [] : validatePodTemplate(template, field, rules)),
    ...validateLabels(metadata?.labels, `${field}.labels`),
    ...validateAnnotations(metadata?.annotations, `${field}.annotations`),
    ...(spec ? validatePodAnnotations(metadata?.annotations, spec, `${field}.annotations`, rules) : []),
  ]
}

function validateStrategy({ updateStrategy }: StatefulSetSpec, allowRecreate: boolean): FieldError[] {
  const field = 'spec.updateStrategy'
  const { type, rollingUpdate } = updateStrategy ?? {}
  const internal = rollingUpdate
    ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null }
    : null
  if (!type) return [fieldErrors.required(field)]
  if (type === 'RollingUpdate')
    return rollingUpdate ? validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`) : []
  if (type === 'OnDelete' || (type === 'Recreate' && allowRecreate)) {
    if (!rollingUpdate) return []
    const detail = "only allowed for updateStrategy 'RollingUpdate'"
    return [fieldErrors.invalid(`${field}.rollingUpdate`, internal, detail)]
  }
  const detail = allowRecreate
    ? "must be 'RollingUpdate', 'OnDelete', or 'Recreate'"
    : "must be 'RollingUpdate' or 'OnDelete'"
  return [fieldErrors.invalid(field, { Type: type, RollingUpdate: internal }, detail)]
}

function validateRollingUpdate(update: RollingUpdateStatefulSetStrategy, field: string): FieldError[] {
  const errors = validateNonnegative(update.partition, `${field}.partition`)
  const { maxUnavailable } = update
  const at = `${field}.maxUnavailable`
  if (maxUnavailable === undefined) return errors
  errors.push(...checkPositiveIntOrPercent(maxUnavailable, at))
  if (numberOf(maxUnavailable) === 0) errors.push(fieldErrors.invalid(at, maxUnavailable, 'cannot be 0'))
  return [...errors, ...checkAtMostAll(maxUnavailable, at)]
}

const retentions: readonly string[] = ['Retain', 'Delete']
function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec): FieldError[] {
  if (!policy) return []
  return (['whenDeleted', 'whenScaled'] as const).flatMap((member) => {
    const field = `spec.persistentVolumeClaimRetentionPolicy.${member}`
    const value = policy[member] ?? ''
    return retentions.includes(value) ? [] : [fieldErrors.notSupported(field, value, retentions)]
  })
}

const counts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
]

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']
  return [
    ...checkCounts(status, counts),
    ...checkParts(status, parts, 'status.readyReplicas'),
    ...checkCollisionCount(status?.collisionCount, old.status?.collisionCount),
  ]
}
