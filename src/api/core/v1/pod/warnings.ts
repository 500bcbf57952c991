import { goQuote } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { ipWarnings } from '../../../../machinery/validation/ip-fields.ts'
import type { Affinity, Pod, PodSpec, PodTemplateSpec, Volume } from '../../../types.generated.ts'
import { nodeLabelWarning, nodeSelectorTermWarnings } from '../node-label-warnings.ts'
import { claimSpecWarnings, fractionalBytes } from '../persistent-volume-claim/warnings.ts'
import { profileOfAnnotation } from './app-armor.ts'
import { containersOf, type AnyContainer } from './containers-of.ts'
import { pathOverlapWarnings } from './path-overlaps.ts'
import { portWarnings } from './port-warnings.ts'

/** What is let through, but hardly meant (pkg/api/pod/warnings.go). */
type Annotations = Readonly<Record<string, string>>

export function podWarnings(pod: Pod): string[] {
  const faults = dns1123Label(pod.metadata.name ?? '')
  const name =
    faults.length === 0
      ? []
      : [
          `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${faults.join(' ')}]`,
        ]
  return [...name, ...specWarnings(pod.spec!, pod.metadata.annotations ?? {}, 'spec', 'metadata', false)]
}

/** `field`: where the template is, `spec.template`. */
export function podTemplateWarnings(template: PodTemplateSpec | undefined, field: string): string[] {
  if (!template?.spec) return []
  const annotations = template.metadata?.annotations ?? {}
  return specWarnings(template.spec, annotations, `${field}.spec`, `${field}.metadata`, true)
}

const oldAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmorContainer = 'container.apparmor.security.beta.kubernetes.io/'
const seccompText = 'non-functional in v1.27+; use the "seccompProfile" field instead'

function specWarnings(
  spec: PodSpec,
  annotations: Annotations,
  field: string,
  metadata: string,
  isTemplate: boolean,
): string[] {
  const warnings = nodeWarnings(spec, field)
  for (const [key, text] of Object.entries(oldAnnotations)) {
    if (Object.hasOwn(annotations, key)) warnings.push(`${metadata}.annotations[${key}]: ${text}`)
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    warnings.push(...volumeWarnings(volume, `${field}.volumes[${index}]`))
  }
  warnings.push(...pathOverlapWarnings(spec.volumes ?? []))
  warnings.push(...duplicates(spec.hostAliases, 'ip', `${field}.hostAliases`))
  warnings.push(...duplicates(spec.imagePullSecrets, 'name', `${field}.imagePullSecrets`))
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if (!name) warnings.push(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`)
  }
  for (const name of ['memory', 'ephemeral-storage']) {
    warnings.push(...fractionalBytes(spec.overhead?.[name], `${field}.overhead[${name}]`))
  }
  if (!spec.securityContext?.seccompProfile && Object.hasOwn(annotations, seccompPod)) {
    warnings.push(`${metadata}.annotations[${seccompPod}]: ${seccompText}`)
  }
  const annotated = `${metadata}.annotations`
  for (const [container, at] of containersOf(spec, field)) {
    warnings.push(...profileWarnings(container, spec, annotations, annotated, isTemplate))
    warnings.push(...containerWarnings(container, at))
  }
  warnings.push(...portWarnings(spec, field))
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const text = 'must be >= 0; negative values are invalid and will be treated as 1'
    warnings.push(`${field}.terminationGracePeriodSeconds: ${text}`)
  }
  warnings.push(...podAffinityWarnings(spec.affinity, `${field}.affinity`))
  for (const [index, address] of (spec.dnsConfig?.nameservers ?? []).entries()) {
    warnings.push(...ipWarnings(`${field}.dnsConfig.nameservers[${index}]`, address))
  }
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    warnings.push(...ipWarnings(`${field}.hostAliases[${index}].ip`, ip))
  }
  return warnings
}

const nullSelectorText = 'a null labelSelector results in matching no pod'
const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

function nodeWarnings(spec: PodSpec, field: string): string[] {
  const warnings: string[] = []
  for (const label of Object.keys(spec.nodeSelector ?? {})) {
    const text = nodeLabelWarning(label)
    if (text) warnings.push(`${field}.nodeSelector[${label}]: ${text}`)
  }
  const affinity = spec.affinity?.nodeAffinity
  const at = `${field}.affinity.nodeAffinity`
  for (const [index, term] of (affinity?.[required]?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...nodeSelectorTermWarnings(term, `${at}.${required}.nodeSelectorTerms[${index}]`, false))
  }
  for (const [index, { preference }] of (affinity?.[preferred] ?? []).entries()) {
    warnings.push(...nodeSelectorTermWarnings(preference, `${at}.${preferred}[${index}].preference`, true))
  }
  for (const [index, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const path = `${field}.topologySpreadConstraints[${index}]`
    const text = nodeLabelWarning(topologyKey)
    if (text) warnings.push(`${path}.topologyKey: ${topologyKey} is ${text}`)
    if (!labelSelector) warnings.push(`${path}.labelSelector: ${nullSelectorText}`)
  }
  return warnings
}

const oldSources: readonly [keyof Volume, path: string, text: string][] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

function volumeWarnings(volume: Volume, field: string): string[] {
  const warnings = oldSources
    .filter(([member]) => volume[member] !== undefined)
    .map(([, path, text]) => `${field}.${path}: ${text}`)
  const template = volume.ephemeral?.volumeClaimTemplate
  if (template) warnings.push(...claimSpecWarnings(template.spec, `${field}.ephemeral.volumeClaimTemplate.spec`))
  return warnings
}

function duplicates<T extends object>(items: readonly T[] = [], member: keyof T & string, field: string): string[] {
  const seen = new Set<unknown>()
  return items.flatMap((item, index) => {
    const value = (item[member] ?? '') as string
    if (seen.has(value)) return [`${field}[${index}].${member}: duplicate ${member} ${goQuote(value)}`]
    seen.add(value)
    return []
  })
}

function profileWarnings(
  { name, securityContext }: AnyContainer,
  spec: PodSpec,
  annotations: Annotations,
  field: string,
  isTemplate: boolean,
): string[] {
  const warnings: string[] = []
  const seccomp = seccompContainer + name
  if (!securityContext?.seccompProfile && Object.hasOwn(annotations, seccomp)) {
    warnings.push(`${field}[${seccomp}]: ${seccompText}`)
  }
  const appArmor = appArmorContainer + name
  // For pods, the annotation becomes a field.
  if (!isTemplate || securityContext?.appArmorProfile || !Object.hasOwn(annotations, appArmor)) return warnings
  const ofPod = spec.securityContext?.appArmorProfile
  if (ofPod === undefined || !jsonEqual(ofPod, profileOfAnnotation(annotations[appArmor]!))) {
    warnings.push(`${field}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
  }
  return warnings
}

function containerWarnings({ resources, env = [] }: AnyContainer, field: string): string[] {
  const warnings: string[] = []
  for (const name of ['memory', 'ephemeral-storage']) {
    for (const member of ['limits', 'requests'] as const) {
      warnings.push(...fractionalBytes(resources?.[member]?.[name], `${field}.resources.${member}[${name}]`))
    }
  }
  const seen = new Set<string>()
  for (const [index, { name, value = '', valueFrom }] of env.entries()) {
    // A value may build on the one before; anything else loses it.
    const before = `$(${name})`
    if (seen.has(name) && (valueFrom || value === before || !value.includes(before))) {
      const text = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`
      warnings.push(`${field}.env[${index}]: ${text}`)
    }
    seen.add(name)
  }
  return warnings
}

function podAffinityWarnings(affinity: Affinity | undefined, field: string): string[] {
  const warnings: string[] = []
  for (const member of ['podAffinity', 'podAntiAffinity'] as const) {
    for (const [index, { labelSelector }] of (affinity?.[member]?.[required] ?? []).entries()) {
      if (!labelSelector) warnings.push(`${field}.${member}.${required}[${index}].labelSelector: ${nullSelectorText}`)
    }
    for (const [index, { podAffinityTerm }] of (affinity?.[member]?.[preferred] ?? []).entries()) {
      if (podAffinityTerm.labelSelector) continue
      const path = `${field}.${member}.${preferred}[${index}].podAffinityTerm.labelSelector`
      warnings.push(`${path}: ${nullSelectorText}`)
    }
  }
  return warnings
}
