import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { httpHeaderName, portName, portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkOneOf, checkPort } from '../../../field-checks.ts'
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../../types.generated.ts'

/** Probes and hooks of containers (pkg/apis/core/validation). */
type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

/** A port's number, or the name of one. */
export function validatePort(port: number | string | undefined, field: string): FieldError[] {
  return checkPort(port, field, { number: portNumber, name: portName })
}

const tooManyText = 'may not specify more than 1 handler type'
const handlerChecks: readonly [
  member: keyof Handler,
  check: (handler: Handler, at: string, gracePeriod: number | undefined) => FieldError[],
][] = [
  ['exec', ({ exec }, at) => (exec!.command?.length ? [] : [fieldErrors.required(`${at}.command`)])],
  ['httpGet', ({ httpGet }, at) => validateHttpGet(httpGet!, at)],
  ['tcpSocket', ({ tcpSocket }, at) => validatePort(tcpSocket!.port, `${at}.port`)],
  ['grpc', ({ grpc }, at) => validatePort(grpc!.port, `${at}.port`)],
  ['sleep', validateSleep],
]

function validateHandler(handler: Handler, gracePeriod: number | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const [member, check] of handlerChecks) {
    if (!handler[member]) continue
    const at = `${field}.${member}`
    if (count++ > 0) errors.push(fieldErrors.forbidden(at, tooManyText))
    else errors.push(...check(handler, at, gracePeriod))
  }
  if (count === 0) errors.push(fieldErrors.required(field, 'must specify a handler type'))
  return errors
}

const schemes: readonly string[] = ['HTTP', 'HTTPS']
function validateHttpGet(action: HTTPGetAction, at: string): FieldError[] {
  const { path, port, scheme, httpHeaders = [] } = action
  const errors = path ? [] : [fieldErrors.required(`${at}.path`)]
  errors.push(...validatePort(port, `${at}.port`), ...checkOneOf(scheme, `${at}.scheme`, schemes))
  for (const { name } of httpHeaders) {
    for (const text of httpHeaderName(name)) errors.push(fieldErrors.invalid(`${at}.httpHeaders`, name, text))
  }
  return errors
}

function validateSleep({ sleep }: Handler, at: string, gracePeriod: number | undefined): FieldError[] {
  const { seconds } = sleep!
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return []
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`
  return [fieldErrors.invalid(at, seconds, detail)]
}

function validateProbe(probe: Probe, gracePeriod: number | undefined, field: string): FieldError[] {
  const errors = validateHandler(probe, gracePeriod, field)
  for (const member of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...validateNonnegative(probe[member], `${field}.${member}`))
  }
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) {
    errors.push(fieldErrors.invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  }
  return errors
}

/** The hooks and probes of a container that may have them. */
export function validateHooksAndProbes(
  container: Container,
  gracePeriod: number | undefined,
  field: string,
): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  const errors = lifecycle ? validateLifecycle(lifecycle, gracePeriod, `${field}.lifecycle`) : []
  const mustSucceedOnce = (probe: Probe | undefined, at: string) => {
    if (!probe) return
    errors.push(...validateProbe(probe, gracePeriod, at))
    if (probe.successThreshold !== 1) {
      errors.push(fieldErrors.invalid(`${at}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
    }
  }
  mustSucceedOnce(livenessProbe, `${field}.livenessProbe`)
  if (readinessProbe) {
    const at = `${field}.readinessProbe`
    errors.push(...validateProbe(readinessProbe, gracePeriod, at))
    const grace = readinessProbe.terminationGracePeriodSeconds
    if (grace !== undefined) {
      const detail = 'must not be set for readinessProbes'
      errors.push(fieldErrors.invalid(`${at}.terminationGracePeriodSeconds`, grace, detail))
    }
  }
  mustSucceedOnce(startupProbe, `${field}.startupProbe`)
  return errors
}

function validateLifecycle(
  { postStart, preStop }: Lifecycle,
  gracePeriod: number | undefined,
  field: string,
): FieldError[] {
  return [
    ...(postStart ? validateHandler(postStart, gracePeriod, `${field}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, gracePeriod, `${field}.preStop`) : []),
  ]
}
