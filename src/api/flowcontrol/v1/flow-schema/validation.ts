import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { checkField } from '../../../field-checks.ts'
import type { FlowSchema, FlowSchemaSpec } from '../../../types.generated.ts'
import { mandatoryFlowSchemaSpecs } from '../mandatory.ts'
import { validateFlowStatus } from '../status-validation.ts'
import { internalSpec } from './internal-spec.ts'
import { validateRule } from './rule-validation.ts'

const distinguishers: readonly string[] = ['ByNamespace', 'ByUser']
const maxPrecedence = 10000

/** pkg/apis/flowcontrol/validation ValidateFlowSchema. */
export function validateFlowSchema(schema: FlowSchema): FieldError[] {
  const { name = '' } = schema.metadata
  const spec = schema.spec ?? ({} as FlowSchemaSpec)
  const errors = validateSpec(spec, name, 'spec')
  const mandatory = Object.hasOwn(mandatoryFlowSchemaSpecs, name) ? mandatoryFlowSchemaSpecs[name] : undefined
  if (mandatory && !jsonEqual(spec, mandatory)) {
    errors.push(fieldErrors.invalid('spec', internalSpec(spec), `spec of '${name}' must equal the fixed value`))
  }
  return [...errors, ...validateFlowStatus(schema)]
}

function validateSpec(spec: FlowSchemaSpec, name: string, field: string): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration, rules } = spec
  const errors: FieldError[] = []
  const wrong = (detail: string) => errors.push(fieldErrors.invalid(`${field}.matchingPrecedence`, precedence, detail))
  if (precedence <= 0) wrong('must be a positive value')
  if (precedence > maxPrecedence) wrong(`must not be greater than ${maxPrecedence}`)
  if (precedence === 1 && name !== 'exempt') wrong("only the schema named 'exempt' may have matchingPrecedence 1")
  if (distinguisherMethod && !distinguishers.includes(distinguisherMethod.type)) {
    const bad = { Type: distinguisherMethod.type }
    errors.push(fieldErrors.notSupported(`${field}.distinguisherMethod.type`, bad, distinguishers))
  }
  const level = priorityLevelConfiguration?.name ?? ''
  const at = `${field}.priorityLevelConfiguration.name`
  if (level === '') errors.push(fieldErrors.required(at, 'must reference a priority level'))
  else errors.push(...checkField(level, at, (text) => dns1123Subdomain(text)))
  return [...errors, ...(rules ?? []).flatMap((rule, index) => validateRule(rule, `${field}.rules[${index}]`))]
}
