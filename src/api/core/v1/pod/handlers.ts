import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { httpHeaderName, portName, portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkOneOf, checkPort } from '../../../field-checks.ts'
import type {
  Container,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
} from '../../../types.generated.ts'

import { validateStopSignal } from './stop-signal.ts'

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
  ['grpc', ({ grpc }, at) => validateGrpc(grpc!, at)],
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
const protocols: readonly string[] = ['HTTP1', 'HTTP2']
function validateHttpGet(action: HTTPGetAction, at: string): FieldError[] {
  const { path, port, scheme, host, protocol, httpHeaders = [] } = action
  const errors = path ? [] : [fieldErrors.required(`${at}.path`)]
  errors.push(...validatePort(port, `${at}.port`), ...checkOneOf(scheme, `${at}.scheme`, schemes))
  for (const { name } of httpHeaders) {
    for (const text of httpHeaderName(name)) errors.push(fieldErrors.invalid(`${at}.httpHeaders`, name, text))
  }
  if (protocol === undefined) return errors
  errors.push(...checkOneOf(protocol, `${at}.protocol`, protocols))
  if (protocol !== 'HTTP2') return errors
  if (scheme !== 'HTTP') {
    errors.push(fieldErrors.invalid(`${at}.protocol`, protocol, 'is only supported with HTTP (H2C)'))
  } else if (host) errors.push(fieldErrors.invalid(`${at}.host`, host, 'must be empty when `protocol` is "HTTP2"'))
  return errors
}

const grpcModes: readonly string[] = ['Plaintext', 'TLS']
function validateGrpc({ port, mode }: GRPCAction, at: string): FieldError[] {
  return [...validatePort(port, `${at}.port`), ...(mode === undefined ? [] : checkOneOf(mode, `${at}.mode`, grpcModes))]
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
  system: string | undefined,
): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  const errors = lifecycle ? validateLifecycle(lifecycle, gracePeriod, `${field}.lifecycle`, system) : []
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
  { postStart, preStop, stopSignal }: Lifecycle,
  gracePeriod: number | undefined,
  field: string,
  system: string | undefined,
): FieldError[] {
  return [
    ...(postStart ? validateHandler(postStart, gracePeriod, `${field}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, gracePeriod, `${field}.preStop`) : []),
    ...(stopSignal === undefined ? [] : validateStopSignal(stopSignal, system, `${field}.stopSignal`)),
  ]
}
