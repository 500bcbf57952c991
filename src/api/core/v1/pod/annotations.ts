import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import type { ObjectMeta } from '../../../../machinery/meta/object.ts'
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from '../../../types.generated.ts'
import { checkDescendingPath } from '../paths.ts'
import { containersOf } from './containers-of.ts'
import { validateTolerations } from './toleration-validation.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** Annotations of pods that mean something (pkg/apis/core/validation ValidatePodSpecificAnnotations). */
type Annotations = Readonly<Record<string, string>>

export const mirrorAnnotation = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const tolerationsKey = 'scheduler.alpha.kubernetes.io/tolerations'
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmorContainer = 'container.apparmor.security.beta.kubernetes.io/'

export function validatePodAnnotations(
  annotations: Annotations = {},
  spec: PodSpec,
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const mirror = annotations[mirrorAnnotation]
  if (mirror !== undefined && !spec.nodeName) {
    const detail = 'must set spec.nodeName if mirror pod annotation is set'
    errors.push(fieldErrors.invalid(`${field}[${mirrorAnnotation}]`, mirror, detail))
  }
  if (annotations[tolerationsKey]) {
    errors.push(...validateTolerationsText(annotations[tolerationsKey], field, rules))
  }
  const cost = annotations[deletionCost]
  if (cost !== undefined && !rules.allowInvalidDeletionCost && !isDeletionCost(cost)) {
    errors.push(fieldErrors.invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  }
  errors.push(...validateSeccomp(annotations, field), ...validateAppArmor(annotations, spec, field))
  return errors
}

export function hasInvalidDeletionCost(annotations: Annotations | undefined): boolean {
  const cost = annotations?.[deletionCost]
  return cost !== undefined && !isDeletionCost(cost)
}

function isDeletionCost(text: string): boolean {
  if (!/^(?:0|[1-9][0-9]*|-[0-9]+)$/.test(text)) return false
  const cost = Number(text)
  return cost >= -(2 ** 31) && cost < 2 ** 31
}

function validateTolerationsText(text: string, field: string, rules: PodSpecRules): FieldError[] {
  let tolerations: readonly Toleration[]
  try {
    tolerations = JSON.parse(text) as readonly Toleration[]
  } catch (error) {
    return [fieldErrors.invalid(field, tolerationsKey, (error as Error).message)]
  }
  if (!Array.isArray(tolerations)) return []
  return validateTolerations(tolerations as readonly Toleration[], `${field}.${tolerationsKey}`, rules)
}

function validateSeccomp(annotations: Annotations, field: string): FieldError[] {
  const errors: FieldError[] = []
  const check = (key: string) => errors.push(...validateSeccompText(annotations[key]!, `${field}.${key}`))
  if (annotations[seccompPod] !== undefined) check(seccompPod)
  for (const key of Object.keys(annotations)) if (key.startsWith(seccompContainer)) check(key)
  return errors
}

function validateSeccompText(profile: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return []
  if (profile.startsWith('localhost/')) return checkDescendingPath(profile.slice('localhost/'.length), field)
  return [fieldErrors.invalid(field, profile, 'must be a valid seccomp profile')]
}

function validateAppArmor(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, profile] of Object.entries(annotations)) {
    if (!key.startsWith(appArmorContainer)) continue
    const name = key.slice(appArmorContainer.length)
    if (![...containersOf(spec, '')].some(([container]) => container.name === name)) {
      errors.push(fieldErrors.invalid(`${field}[${key}]`, name, 'container not found'))
    }
    if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith('localhost/')) {
      const detail = `invalid AppArmor profile name: ${goQuote(profile)}`
      errors.push(fieldErrors.invalid(`${field}[${key}]`, profile, detail))
    }
  }
  return errors
}

/** Annotations that came before fields must say the same as the fields. */
export function validateProfilesMatch(metadata: Partial<ObjectMeta> = {}, spec: PodSpec, field: string): FieldError[] {
  const { annotations = {} } = metadata
  return [...seccompMatches(annotations, spec, field), ...appArmorMatches(annotations, spec, field)]
}

type Profile = SeccompProfile | AppArmorProfile

function checkMatch(
  annotation: string | undefined,
  profile: Profile | undefined,
  field: string,
  kind: string,
  defaults: readonly string[],
): FieldError[] {
  if (annotation === undefined || profile === undefined) return []
  const wrong = (member: string, what: string) => [
    fieldErrors.forbidden(`${field}.${member}`, `${kind} ${what} in annotation and field must match`),
  ]
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : wrong('type', 'type')
    case 'RuntimeDefault':
      return defaults.includes(annotation) ? [] : wrong('type', 'type')
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) return wrong('type', 'type')
      return annotation.slice('localhost/'.length) === profile.localhostProfile
        ? []
        : wrong('localhostProfile', 'profile')
    default:
      return []
  }
}

function seccompMatches(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  const defaults = ['runtime/default', 'docker/default']
  const check = (key: string, profile: Profile | undefined, at: string) =>
    checkMatch(annotations[key], profile, `${at}.securityContext.seccompProfile`, 'seccomp', defaults)
  const errors = check(seccompPod, spec.securityContext?.seccompProfile, field)
  for (const [container, at] of containersOf(spec, field)) {
    errors.push(...check(seccompContainer + container.name, container.securityContext?.seccompProfile, at))
  }
  return errors
}

function appArmorMatches(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  if (spec.os?.name === 'windows') return []
  return [...containersOf(spec, field)].flatMap(([container, at]) =>
    checkMatch(
      annotations[appArmorContainer + container.name],
      container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile,
      `${at}.securityContext.appArmorProfile`,
      'apparmor',
      ['runtime/default'],
    ),
  )
}

/** Annotations that cannot change while a pod lives. */
export function validateAnnotationChanges(
  annotations: Annotations = {},
  old: Annotations = {},
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  const check = (key: string, verb: string) => {
    if (key.startsWith(appArmorContainer)) {
      errors.push(fieldErrors.forbidden(`${field}[${key}]`, `may not ${verb} AppArmor annotations`))
    }
    if (key === mirrorAnnotation) {
      errors.push(fieldErrors.forbidden(`${field}[${key}]`, `may not ${verb} mirror pod annotation`))
    }
  }
  for (const [key, value] of Object.entries(old)) if (annotations[key] !== value) check(key, 'remove or update')
  for (const key of Object.keys(annotations)) if (!Object.hasOwn(old, key)) check(key, 'add')
  return errors
}
