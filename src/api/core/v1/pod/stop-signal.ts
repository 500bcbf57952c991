import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { checkOneOf } from '../../../field-checks.ts'

/** The signal that ends a container (pkg/apis/core/validation validateStopSignal). */
const named =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'
const counted = (from: string, sign: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${from}${sign}${index + 1}`)
const ofLinux = [...named.split(' '), ...counted('RTMIN', '+', 15), ...counted('RTMAX', '-', 14)]
  .map((name) => `SIG${name}`)
  .toSorted()
const bySystem: Readonly<Record<string, readonly string[]>> = { linux: ofLinux, windows: ['SIGKILL', 'SIGTERM'] }

export function validateStopSignal(signal: string, system: string | undefined, field: string): FieldError[] {
  if (system === undefined) {
    return [fieldErrors.forbidden(field, 'may not be set for containers with empty `spec.os.name`')]
  }
  const supported = bySystem[system]
  return supported === undefined ? [] : checkOneOf(signal, field, supported)
}
