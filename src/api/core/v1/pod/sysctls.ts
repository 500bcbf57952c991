import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import type { PodSpec } from '../../../types.generated.ts'

/** Names of kernel parameters (pkg/apis/core/validation, component-helpers node/util/sysctl). */
const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const form = `^(${segment}[\\./])*${segment}$`
const maxLength = 253
// Segment by segment, since the whole expression would backtrack.
const segmentRegex = new RegExp(`^${segment}$`)

export function sysctlName(name: string): string[] {
  const right = byteLength(name) <= maxLength && name.split(/[./]/).every((part) => segmentRegex.test(part))
  return right ? [] : [`must have at most ${maxLength} characters and match regex ${form}`]
}

const ipcSysctls: ReadonlySet<string> = new Set([
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.shm',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.msg',
])

/** A parameter of a namespace that the pod shares with its node is not the pod's to set. */
export function checkNoHostSysctl(name: string, spec: PodSpec, field: string): FieldError[] {
  const parameter = normalized(name).split('*')[0]!
  if (spec.hostNetwork && parameter.startsWith('net.')) {
    return [fieldErrors.invalid(field, name, "may not be specified when 'hostNetwork' is true")]
  }
  if (spec.hostIPC && (ipcSysctls.has(parameter) || parameter.startsWith('fs.mqueue.'))) {
    return [fieldErrors.invalid(field, name, "may not be specified when 'hostIPC' is true")]
  }
  return []
}

/** With dots between the segments: where a slash comes first, slashes and dots have changed places (sysctl.d(5)). */
function normalized(name: string): string {
  const [first] = /[./]/.exec(name) ?? []
  if (first !== '/') return name
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}
