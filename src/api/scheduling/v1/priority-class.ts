import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { type FieldError, fieldErrors } from '../../../machinery/field-error.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { validatePreemptionPolicy } from '../../core/v1/pod/scheduling.ts'
import type { PriorityClass } from '../../types.generated.ts'

const reservedPrefix = 'system-'
const highestOfUsers = 1_000_000_000
/** The classes that a cluster begins with; nobody else's name begins like theirs. */
const systemValues: Readonly<Record<string, number>> = {
  'system-node-critical': 2 * highestOfUsers + 1000,
  'system-cluster-critical': 2 * highestOfUsers,
}

/** pkg/apis/scheduling/validation ValidatePriorityClass. */
function validate({ metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass): FieldError[] {
  const { name = '' } = metadata
  const errors: FieldError[] = []
  if (name.startsWith(reservedPrefix)) {
    const why = notSystemClass(name, value, globalDefault)
    const detail = `priority class names with '${reservedPrefix}' prefix are reserved for system use only. error: ${why}`
    if (why !== undefined) errors.push(fieldErrors.forbidden('metadata.name', detail))
  } else if (value > highestOfUsers) {
    errors.push(fieldErrors.forbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`))
  }
  if (preemptionPolicy !== undefined) errors.push(...validatePreemptionPolicy(preemptionPolicy, 'preemptionPolicy'))
  return errors
}

function notSystemClass(name: string, value: number, globalDefault: boolean | undefined): string | undefined {
  const expected = Object.hasOwn(systemValues, name) ? systemValues[name] : undefined
  if (expected === undefined) return `${name} is not a known system priority class`
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validateUpdate(object: PriorityClass, old: PriorityClass): FieldError[] {
  const { value = 0, preemptionPolicy } = object
  const errors: FieldError[] = []
  if (value !== (old.value ?? 0)) errors.push(fieldErrors.forbidden('value', 'may not be changed in an update.'))
  if (preemptionPolicy !== old.preemptionPolicy) {
    errors.push(fieldErrors.invalid('preemptionPolicy', preemptionPolicy, fieldImmutableMessage))
  }
  return errors
}

export const priorityClasses = defineKind<PriorityClass>(
  { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.preemptionPolicy ??= 'PreemptLowerPriority'
    },
    prepareForCreate(draft) {
      draft.metadata.generation = 1
    },
    validate,
    validateUpdate,
    columns: [
      nameColumn,
      column('Value', 'integer', ({ value }) => value ?? 0),
      column('Global-Default', 'boolean', ({ globalDefault }) => globalDefault ?? false),
      ageColumn,
      column('PreemptionPolicy', 'string', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
    ],
  },
)
