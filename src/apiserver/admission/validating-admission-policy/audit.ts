import type { AdmissionAttributes } from '../plugin.ts'

/** What the audit annotation of failures says of each. */
export interface ValidationFailure {
  readonly message: string
  readonly policy: string
  readonly binding: string
  readonly expressionIndex: number
  readonly validationActions: readonly string[]
}

const maxFailures = 50
const maxValueBytes = 10 * 1024

export function publishFailures(failures: readonly ValidationFailure[], attributes: AdmissionAttributes): void {
  if (failures.length === 0) return
  const value = failures
    .slice(0, maxFailures)
    .map(({ message, policy, binding, expressionIndex, validationActions }) => ({
      message,
      policy,
      binding,
      expressionIndex,
      validationActions,
    }))
  attributes.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(value))
}

/** The audit annotations of policies: distinct values that bindings give to the same key stand side by side. */
export class AuditAnnotations {
  readonly #values = new Map<string, Set<string>>()

  add(policy: string, key: string, value: string): void {
    const name = `${policy}/${key}`
    const values = this.#values.get(name) ?? new Set()
    this.#values.set(name, values.add(Buffer.from(value).subarray(0, maxValueBytes).toString()))
  }
  publish(attributes: AdmissionAttributes): void {
    for (const [name, values] of this.#values) attributes.annotate(name, [...values].join(', '))
  }
}
