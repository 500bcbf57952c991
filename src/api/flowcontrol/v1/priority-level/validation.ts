import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../../types.generated.ts'
import { mandatoryPriorityLevelSpecs } from '../mandatory.ts'
import { validateFlowStatus } from '../status-validation.ts'

/** pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration; what is declared of the types comes last. */
const types: readonly string[] = ['Exempt', 'Limited']
const responses: readonly string[] = ['Queue', 'Reject']
const zeroShares = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'
const maxQueues = 10_000_000
const maxHashBits = 60

export function validatePriorityLevel(level: PriorityLevelConfiguration): FieldError[] {
  const { metadata, spec = {} as PriorityLevelConfigurationSpec } = level
  const errors: FieldError[] = []
  if (metadata.annotations?.[zeroShares] !== undefined) {
    errors.push(fieldErrors.forbidden('metadata.annotations', `annotation '${zeroShares}' is forbidden`))
  }
  errors.push(...validateSpec(spec, metadata.name ?? '', 'spec'))
  errors.push(...validateMandatory(spec, metadata.name ?? '', 'spec'))
  errors.push(...validateFlowStatus(level))
  return [...errors, ...validateDeclared(spec, 'spec')]
}

function validateSpec(spec: PriorityLevelConfigurationSpec, name: string, field: string): FieldError[] {
  const { type = '', exempt, limited } = spec
  const errors: FieldError[] = []
  if ((name === 'exempt') !== (type === 'Exempt')) {
    errors.push(fieldErrors.invalid(`${field}.type`, type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  if (type === 'Exempt' && exempt) errors.push(...validateExempt(exempt, `${field}.exempt`))
  else if (type === 'Limited' && limited) errors.push(...validateLimited(limited, `${field}.limited`))
  else if (type && !types.includes(type)) errors.push(fieldErrors.notSupported(`${field}.type`, type, types))
  return errors
}

function validateExempt(exempt: ExemptPriorityLevelConfiguration, field: string): FieldError[] {
  return [...validateShares(exempt, field), ...validateLendable(exempt, field)]
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  const { limitResponse, borrowingLimitPercent: limit } = limited
  const errors = validateShares(limited, field)
  errors.push(...validateResponse(limitResponse, `${field}.limitResponse`))
  errors.push(...validateLendable(limited, field))
  if (limit !== undefined && limit < 0) {
    const detail = 'if specified, must be a non-negative integer'
    errors.push(fieldErrors.invalid(`${field}.borrowingLimitPercent`, limit, detail))
  }
  return errors
}

function validateShares(
  { nominalConcurrencyShares: shares = 0 }: ExemptPriorityLevelConfiguration,
  field: string,
): FieldError[] {
  if (shares >= 0) return []
  return [fieldErrors.invalid(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')]
}

function validateLendable(
  { lendablePercent: percent = 0 }: ExemptPriorityLevelConfiguration,
  field: string,
): FieldError[] {
  if (percent >= 0 && percent <= 100) return []
  return [fieldErrors.invalid(`${field}.lendablePercent`, percent, 'must be between 0 and 100, inclusive')]
}

function validateResponse(response: LimitResponse | undefined, field: string): FieldError[] {
  const { type = '', queuing } = response ?? {}
  if (type === 'Queue' && queuing) return validateQueuing(queuing, `${field}.queuing`)
  return type === '' || responses.includes(type) ? [] : [fieldErrors.notSupported(`${field}.type`, type, responses)]
}

function validateQueuing(queuing: QueuingConfiguration, field: string): FieldError[] {
  const { queues, handSize, queueLengthLimit } = queuing
  const errors: FieldError[] = []
  const wrong = (member: keyof QueuingConfiguration, detail: string) =>
    errors.push(fieldErrors.invalid(`${field}.${member}`, queuing[member], detail))
  if (queueLengthLimit <= 0) wrong('queueLengthLimit', 'must be positive')
  if (queues <= 0) wrong('queues', 'must be positive')
  else if (queues > maxQueues) wrong('queues', `must not be greater than ${maxQueues}`)
  if (handSize <= 0) wrong('handSize', 'must be positive')
  else if (handSize > queues) wrong('handSize', `should not be greater than queues (${queues})`)
  else if (Math.ceil(Math.log2(queues) * handSize) > maxHashBits) {
    const needed = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    wrong('handSize', `${needed} should not be greater than ${maxHashBits}`)
  }
  return errors
}

/** Administrators may give shares to what is exempt; all else is fixed. */
function validateMandatory(spec: PriorityLevelConfigurationSpec, name: string, field: string): FieldError[] {
  const fixed = Object.hasOwn(mandatoryPriorityLevelSpecs, name) ? mandatoryPriorityLevelSpecs[name] : undefined
  if (!fixed) return []
  const mayShare = name === 'exempt'
  if (jsonEqual(mayShare ? { ...spec, exempt: fixed.exempt } : spec, fixed)) return []
  const except = mayShare ? " except the 'spec.exempt' field" : ''
  return [fieldErrors.invalid(field, internalSpec(spec), `spec of '${name}'${except} must equal the fixed value`)]
}

/** The spec as upstream's internal type prints it. */
function internalSpec({ type = '', limited, exempt }: PriorityLevelConfigurationSpec): Record<string, unknown> {
  const { limitResponse: response } = limited ?? {}
  const { queuing } = response ?? {}
  return {
    Type: type,
    Limited: limited
      ? {
          NominalConcurrencyShares: limited.nominalConcurrencyShares ?? 0,
          LimitResponse: {
            Type: response?.type ?? '',
            Queuing: queuing
              ? { Queues: queuing.queues, HandSize: queuing.handSize, QueueLengthLimit: queuing.queueLengthLimit }
              : null,
          },
          LendablePercent: limited.lendablePercent ?? null,
          BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
        }
      : null,
    Exempt: exempt
      ? {
          NominalConcurrencyShares: exempt.nominalConcurrencyShares ?? null,
          LendablePercent: exempt.lendablePercent ?? null,
        }
      : null,
  }
}

function validateDeclared({ type, limited, exempt }: PriorityLevelConfigurationSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (exempt && type !== 'Exempt') errors.push(fieldErrors.forbidden(`${field}.exempt`, ''))
  if (limited && type !== 'Limited') errors.push(fieldErrors.forbidden(`${field}.limited`, ''))
  if (!limited && type === 'Limited') errors.push(fieldErrors.required(`${field}.limited`))
  if (!type) errors.push(fieldErrors.required(`${field}.type`))
  if (!limited) return errors
  const { type: response, queuing } = limited.limitResponse ?? {}
  const at = `${field}.limited.limitResponse`
  if (queuing && response !== 'Queue') errors.push(fieldErrors.forbidden(`${at}.queuing`, ''))
  if (!queuing && response === 'Queue') errors.push(fieldErrors.required(`${at}.queuing`))
  if (!response) errors.push(fieldErrors.required(`${at}.type`))
  return errors
}
