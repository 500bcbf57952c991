import { goQuote } from '../../../../machinery/field-error.ts'
import {
  badContainers,
  containersOf,
  containersText,
  plural,
  type PodCheck,
  quotedList,
  type SecurityCheck,
  sorted,
} from '../check.ts'

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'

interface Context {
  readonly appArmorProfile?: { readonly type: string }
}

const badType = (context: Context | undefined | null): string[] => {
  const profile = context?.appArmorProfile
  return !profile || profile.type === 'RuntimeDefault' || profile.type === 'Localhost' ? [] : [profile.type]
}

const allowedAnnotation = (value: string) => !value || value === 'runtime/default' || value.startsWith('localhost/')

const weakened: PodCheck = (spec, metadata) => {
  const pod = badType(spec.securityContext)
  const bad = badContainers(spec, ({ securityContext }) => badType(securityContext).length > 0)
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(annotationPrefix) && !allowedAnnotation(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort()
  const setters = [
    ...(pod.length > 0 ? ['pod'] : []),
    ...(bad.length > 0 ? [containersText(bad)] : []),
    ...(annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : []),
  ]
  if (setters.length === 0) return undefined
  const types = sorted([...pod, ...containersOf(spec).flatMap(({ securityContext }) => badType(securityContext))])
  const values = [...types, ...annotations]
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quotedList(values)}`,
  }
}

export const appArmorProfile: SecurityCheck = { id: 'appArmorProfile', level: 'baseline', revisions: [[0, weakened]] }
