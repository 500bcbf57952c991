import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { checkField } from '../../../field-checks.ts'
import type { PodSpec, WindowsSecurityContextOptions } from '../../../types.generated.ts'
import { containersOf } from './containers-of.ts'

/** What pods of Windows nodes may say, and what only they may say (pkg/apis/core/validation). */
const maxCredentialKib = 64
const maxDomainLength = 256
const maxUserLength = 104

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  field: string,
): FieldError[] {
  if (!options) return []
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options
  const errors: FieldError[] = []
  if (gmsaCredentialSpecName !== undefined) {
    const at = `${field}.gmsaCredentialSpecName`
    errors.push(...checkField(gmsaCredentialSpecName, at, (name) => dns1123Subdomain(name)))
  }
  if (gmsaCredentialSpec !== undefined) {
    const at = `${field}.gmsaCredentialSpec`
    if (gmsaCredentialSpec === '') {
      errors.push(fieldErrors.invalid(at, '', 'gmsaCredentialSpec cannot be an empty string'))
    } else if (byteLength(gmsaCredentialSpec) > maxCredentialKib * 1024) {
      const detail = `gmsaCredentialSpec size must be under ${maxCredentialKib} KiB`
      errors.push(fieldErrors.invalid(at, gmsaCredentialSpec, detail))
    }
  }
  if (runAsUserName !== undefined) errors.push(...checkField(runAsUserName, `${field}.runAsUserName`, userName))
  return errors
}

const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsDomain = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)
const netBiosDomain = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
// oxlint-disable-next-line no-control-regex
const controls = /[\x00-\x1f\x7f]/

/** `DOMAIN\user`, or a user alone. */
function userName(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (controls.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1)!
  const domain = parts.length === 2 ? parts[0]! : undefined
  const texts: string[] = []
  if (domain !== undefined) {
    if (byteLength(domain) >= maxDomainLength) {
      texts.push(`runAsUserName's Domain length must be under ${maxDomainLength} characters`)
    }
    if (!netBiosDomain.test(domain) && !dnsDomain.test(domain)) {
      texts.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    }
  }
  if (user === '') texts.push("runAsUserName's User cannot be empty")
  else if (byteLength(user) > maxUserLength) {
    texts.push(`runAsUserName's User length must not be longer than ${maxUserLength} characters`)
  }
  if (/^[. ]+$/.test(user)) texts.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    texts.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
  return texts
}

/** Containers that run as processes of the host: all or none, and in its network. */
export function validateHostProcesses(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let all = 0
  let hostProcesses = 0
  for (const [container, at] of containersOf(spec, field)) {
    all++
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(fieldErrors.invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, detail))
    }
    if (own ?? ofPod) hostProcesses++
  }
  if (hostProcesses === 0) return errors
  if (hostProcesses !== all) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(fieldErrors.invalid(field, '', detail))
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(fieldErrors.invalid(`${field}.hostNetwork`, false, detail))
  }
  return errors
}

const podOptionsOfLinux = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const
const containerOptionsOfLinux = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** What belongs to the other system than the one that the pod names. */
export function validateForSystem(spec: PodSpec, field: string): FieldError[] {
  return spec.os?.name === 'windows' ? validateForWindows(spec, field) : validateForLinux(spec, field)
}

function validateForLinux(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const forbid = (options: unknown, at: string) => {
    const detail = 'windows options cannot be set for a linux pod'
    if (options) errors.push(fieldErrors.forbidden(`${at}.securityContext.windowsOptions`, detail))
  }
  forbid(spec.securityContext?.windowsOptions, field)
  for (const [container, at] of containersOf(spec, field)) forbid(container.securityContext?.windowsOptions, at)
  return errors
}

function validateForWindows(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const forbid = (at: string) => errors.push(fieldErrors.forbidden(at, 'cannot be set for a windows pod'))
  for (const member of podOptionsOfLinux) {
    if (spec.securityContext?.[member] !== undefined) forbid(`${field}.securityContext.${member}`)
  }
  if (spec.hostUsers !== undefined) forbid(`${field}.hostUsers`)
  if (spec.hostPID) forbid(`${field}.hostPID`)
  if (spec.hostIPC) forbid(`${field}.hostIPC`)
  if (spec.shareProcessNamespace !== undefined) forbid(`${field}.shareProcessNamespace`)
  for (const [container, at] of containersOf(spec, field)) {
    for (const member of containerOptionsOfLinux) {
      if (container.securityContext?.[member] !== undefined) forbid(`${at}.securityContext.${member}`)
    }
  }
  return errors
}
