import { aggregate } from '../../../machinery/errors.ts'
import { errorText, type FieldError, fieldErrors } from '../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import type { ConfigKind } from '../../options/config-file.ts'
import { list, object, string, type ValueOf, withDefault } from '../../options/config-shape.ts'
import { levelFault, parseLevel, parseMinor, type Policy, unrestricted, versionFault } from './policy.ts'

const privileged = withDefault(string, 'privileged')
const latest = withDefault(string, 'latest')
const shape = object({
  defaults: object({
    enforce: privileged,
    'enforce-version': latest,
    audit: privileged,
    'audit-version': latest,
    warn: privileged,
    'warn-version': latest,
  }),
  exemptions: object({ usernames: list(string), namespaces: list(string), runtimeClasses: list(string) }),
})
type Configuration = ValueOf<typeof shape>

/** What holds for namespaces without labels, and for whom nothing does. */
export const podSecurityKind: ConfigKind<Configuration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `pod-security.admission.config.k8s.io/${version}`),
  kind: 'PodSecurityConfiguration',
  shape,
}

export interface PodSecuritySettings {
  readonly defaults: Policy
  readonly exempt: {
    readonly usernames: readonly string[]
    readonly namespaces: readonly string[]
    readonly runtimeClasses: readonly string[]
  }
}
export const usualSettings: PodSecuritySettings = {
  defaults: unrestricted,
  exempt: { usernames: [], namespaces: [], runtimeClasses: [] },
}

/** Throws an Error in upstream's words (pod-security-admission admission/api/validation). */
export function podSecuritySettings({ defaults, exemptions }: Configuration): PodSecuritySettings {
  const errors: FieldError[] = []
  const mode = (name: 'enforce' | 'audit' | 'warn') => {
    const [levelText, versionText] = [defaults[name], defaults[`${name}-version`]]
    const [level, minor] = [parseLevel(levelText), parseMinor(versionText)]
    if (level === undefined) errors.push(fieldErrors.invalid(`defaults.${name}`, levelText, levelFault))
    if (minor === undefined) errors.push(fieldErrors.invalid(`defaults.${name}-version`, versionText, versionFault))
    return { level: level ?? 'restricted', minor: minor ?? Infinity }
  }
  const policy = { enforce: mode('enforce'), warn: mode('warn'), audit: mode('audit') }
  const { usernames, namespaces, runtimeClasses } = exemptions
  errors.push(
    ...nameErrors('namespaces', namespaces, dns1123Label),
    ...nameErrors('runtimeClasses', runtimeClasses, dns1123Subdomain),
    ...nameErrors('usernames', usernames, (name) => (name === '' ? ['username must not be empty'] : [])),
  )
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  return { defaults: policy, exempt: exemptions }
}

function nameErrors(
  field: string,
  names: readonly string[],
  faultsOf: (name: string) => readonly string[],
): FieldError[] {
  return names.flatMap((name, index) => {
    const at = `exemptions.${field}[${index}]`
    const faults = faultsOf(name)
    if (faults.length > 0) return [fieldErrors.invalid(at, name, faults.join(', '))]
    return names.indexOf(name) < index ? [fieldErrors.duplicate(at, name)] : []
  })
}
