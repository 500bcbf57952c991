import type { PodSpec } from '../../../../api/types.generated.ts'
import { goQuote } from '../../../../machinery/field-error.ts'
import {
  badContainers,
  containersOf,
  containersText,
  isWindows,
  plural,
  type PodCheck,
  quotedList,
  type SecurityCheck,
  settersText,
  sorted,
  type Violation,
} from '../check.ts'

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'
const containerAnnotationPrefix = 'container.seccomp.security.alpha.kubernetes.io/'

const allowedAnnotation = (value: string) =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')

/** Before there was a field. */
const forbiddenAnnotations: PodCheck = (spec, metadata) => {
  const keys = [podAnnotation, ...containersOf(spec).map(({ name }) => containerAnnotationPrefix + name)]
  const forbidden = sorted(
    keys.flatMap((key) => {
      const value = metadata.annotations?.[key]
      return value === undefined || allowedAnnotation(value) ? [] : [`${key}=${goQuote(value)}`]
    }),
  )
  if (forbidden.length === 0) return undefined
  const detail = `forbidden ${plural('annotation', 'annotations', forbidden.length)} ${forbidden.join(', ')}`
  return { reason: 'seccompProfile', detail }
}

interface Context {
  readonly seccompProfile?: { readonly type: string }
}

const badType = (context: Context | undefined | null): string[] => {
  const profile = context?.seccompProfile
  return !profile || profile.type === 'RuntimeDefault' || profile.type === 'Localhost' ? [] : [profile.type]
}

function forbiddenTypes(spec: PodSpec): Violation | undefined {
  const pod = badType(spec.securityContext)
  const bad = badContainers(spec, ({ securityContext }) => badType(securityContext).length > 0)
  if (pod.length === 0 && bad.length === 0) return undefined
  const types = sorted([...pod, ...containersOf(spec).flatMap(({ securityContext }) => badType(securityContext))])
  const setters = settersText(pod.length > 0, bad)
  const detail = `${setters} must not set securityContext.seccompProfile.type to ${quotedList(types)}`
  return { reason: 'seccompProfile', detail }
}

export const seccompBaseline: SecurityCheck = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  revisions: [
    [0, forbiddenAnnotations],
    [19, forbiddenTypes],
  ],
}

const missing: PodCheck = (spec) => {
  const forbidden = forbiddenTypes(spec)
  if (forbidden !== undefined) return forbidden
  if (spec.securityContext?.seccompProfile) return undefined
  const silent = badContainers(spec, ({ securityContext }) => !securityContext?.seccompProfile)
  if (silent.length === 0) return undefined
  const wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: 'seccompProfile', detail: `pod or ${containersText(silent)} ${wanted}` }
}

export const seccompRestricted: SecurityCheck = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  overrides: 'seccompProfile_baseline',
  revisions: [
    [19, missing],
    [25, (spec, metadata) => (isWindows(spec) ? undefined : missing(spec, metadata))],
  ],
}
