import { internalForm } from '../../../internal-form.ts'
import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { groupId, userId } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf } from '../../../field-checks.ts'
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../types.generated.ts'
import { checkDescendingPath } from '../paths.ts'
import { checkNoHostSysctl, sysctlName } from './sysctls.ts'
import type { PodSpecRules } from './validation-rules.ts'
import { validateWindowsOptions } from './windows.ts'

/** How containers and pods are confined (pkg/apis/core/validation). */
const procMounts: readonly string[] = ['Default', 'Unmasked']

/** `hostUsers`: the pod is in the node's user namespace. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  field: string,
  hostUsers: boolean,
  rules: PodSpecRules,
): FieldError[] {
  if (!context) return []
  const { runAsUser, runAsGroup, procMount, allowPrivilegeEscalation, privileged, capabilities } = context
  const errors: FieldError[] = []
  if (runAsUser !== undefined) errors.push(...checkField(runAsUser, `${field}.runAsUser`, userId))
  if (runAsGroup !== undefined) errors.push(...checkField(runAsGroup, `${field}.runAsGroup`, groupId))
  if (procMount !== undefined) {
    errors.push(...checkOneOf(procMount, `${field}.procMount`, procMounts))
    if (hostUsers && procMount === 'Unmasked') {
      const detail = '`hostUsers` must be false to use `Unmasked`'
      errors.push(fieldErrors.invalid(`${field}.procMount`, procMount, detail))
    }
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`))
  if (allowPrivilegeEscalation === false) {
    if (privileged) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'
      errors.push(fieldErrors.invalid(field, internalForm('io.k8s.api.core.v1.SecurityContext', context), detail))
    }
    if (!rules.allowSysAdminWithoutEscalation && capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'
      errors.push(fieldErrors.invalid(field, internalForm('io.k8s.api.core.v1.SecurityContext', context), detail))
    }
  }
  errors.push(...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`))
  errors.push(...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`))
  return errors
}

const profileTypes: readonly string[] = ['Localhost', 'RuntimeDefault', 'Unconfined']

function validateSeccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const errors: FieldError[] = []
  if (!type) errors.push(fieldErrors.required(`${field}.type`, 'type is required when seccompProfile is set'))
  else errors.push(...checkOneOf(type, `${field}.type`, profileTypes))
  const at = `${field}.localhostProfile`
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      errors.push(fieldErrors.required(at, 'must be set when seccomp type is Localhost'))
    } else errors.push(...checkDescendingPath(localhostProfile, at))
  } else if (localhostProfile !== undefined) {
    errors.push(
      fieldErrors.invalid(
        at,
        internalForm('io.k8s.api.core.v1.SeccompProfile', profile),
        'can only be set when seccomp type is Localhost',
      ),
    )
  }
  return errors
}

const maxProfilePath = 4095
function validateAppArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const at = `${field}.localhostProfile`
  if (!type) return [fieldErrors.required(`${field}.type`, 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [fieldErrors.notSupported(`${field}.type`, type, profileTypes)]
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return []
    return [fieldErrors.invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  }
  const errors: FieldError[] = []
  if (!localhostProfile) errors.push(fieldErrors.required(at, 'must be set when AppArmor type is Localhost'))
  else if (localhostProfile.trim() !== localhostProfile) {
    errors.push(fieldErrors.invalid(at, localhostProfile, 'must not be padded with whitespace'))
  }
  if (byteLength(localhostProfile ?? '') > maxProfilePath) errors.push(fieldErrors.tooLong(at, '', maxProfilePath))
  return errors
}

const fsGroupPolicies: readonly string[] = ['Always', 'OnRootMismatch']
const supplementalPolicies: readonly string[] = ['Merge', 'Strict']
const seLinuxPolicies: readonly string[] = ['MountOption', 'Recursive']

export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  if (!context) return []
  const errors: FieldError[] = []
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups = [] } = context
  if (fsGroup !== undefined) errors.push(...checkField(fsGroup, `${field}.fsGroup`, groupId))
  if (runAsUser !== undefined) errors.push(...checkField(runAsUser, `${field}.runAsUser`, userId))
  if (runAsGroup !== undefined) errors.push(...checkField(runAsGroup, `${field}.runAsGroup`, groupId))
  for (const [index, id] of supplementalGroups.entries()) {
    errors.push(...checkField(id, `${field}.supplementalGroups[${index}]`, groupId))
  }
  errors.push(...validateSysctls(context, spec, `${field}.sysctls`, rules))
  const oneOf = (
    member: 'fsGroupChangePolicy' | 'supplementalGroupsPolicy' | 'seLinuxChangePolicy',
    all: readonly string[],
  ) => {
    if (context[member] !== undefined) errors.push(...checkOneOf(context[member], `${field}.${member}`, all))
  }
  oneOf('fsGroupChangePolicy', fsGroupPolicies)
  errors.push(...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`))
  errors.push(...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`))
  errors.push(...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`))
  oneOf('supplementalGroupsPolicy', supplementalPolicies)
  oneOf('seLinuxChangePolicy', rules.allowAnySELinuxChange ? seLinuxPolicies : ['Recursive'])
  return errors
}

function validateSysctls(context: PodSecurityContext, spec: PodSpec, field: string, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, { name }] of (context.sysctls ?? []).entries()) {
    const at = `${field}[${index}].name`
    const texts = name ? sysctlName(name) : []
    if (!name) errors.push(fieldErrors.required(at))
    else if (texts.length > 0) errors.push(...texts.map((text) => fieldErrors.invalid(at, name, text)))
    else if (names.has(name)) errors.push(fieldErrors.duplicate(at, name))
    if (!rules.allowHostNamespaceSysctls) errors.push(...checkNoHostSysctl(name, spec, at))
    names.add(name)
  }
  return errors
}
