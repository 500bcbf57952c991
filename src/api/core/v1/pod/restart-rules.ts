import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { checkOneOf, checkRequiredOneOf } from '../../../field-checks.ts'
import type { Container, PodSpec } from '../../../types.generated.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** A container's own restart policy, and when a resize restarts it (pkg/apis/core/validation). */
const policies: readonly string[] = ['Always', 'Never', 'OnFailure']
const operators: readonly string[] = ['In', 'NotIn']
const actions: readonly string[] = ['Restart', 'RestartAllContainers']

export function validateContainerRestartPolicy(
  { restartPolicy, restartPolicyRules = [] }: Container,
  field: string,
  { allowRestartAll }: Pick<PodSpecRules, 'allowRestartAll'>,
): FieldError[] {
  const errors: FieldError[] = []
  const policyField = `${field}.restartPolicy`
  const rulesField = `${field}.restartPolicyRules`
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return []
    errors.push(fieldErrors.required(policyField, 'must specify restartPolicy when restart rules are used'))
  } else errors.push(...checkOneOf(restartPolicy, policyField, policies))
  if (restartPolicyRules.length > 20) errors.push(fieldErrors.tooMany(rulesField, restartPolicyRules.length, 20))
  for (const [index, { action, exitCodes }] of restartPolicyRules.entries()) {
    const at = `${rulesField}[${index}]`
    errors.push(...checkOneOf(action, `${at}.action`, allowRestartAll ? actions : ['Restart']))
    if (!exitCodes) {
      errors.push(fieldErrors.required(`${at}.exitCodes`, 'must be specified'))
      continue
    }
    errors.push(...checkOneOf(exitCodes.operator, `${at}.exitCodes.operator`, operators))
    const count = exitCodes.values?.length ?? 0
    if (count > 255) errors.push(fieldErrors.tooMany(`${at}.exitCodes.values`, count, 255))
  }
  return errors
}

/** Init containers without a policy of their own say it with the same words, and nothing else is looked at. */
export function validateInitRestartPolicy(container: Container, field: string, rules: PodSpecRules): FieldError[] {
  const { restartPolicy, restartPolicyRules = [] } = container
  if (restartPolicy !== undefined && !rules.allowRestartRules)
    return checkOneOf(restartPolicy, `${field}.restartPolicy`, ['Always'])
  if (restartPolicy === 'Always' && !rules.allowRestartAll) {
    if (restartPolicyRules.length === 0) return []
    const detail = 'restartPolicyRules are not allowed for init containers with restart policy Always'
    return [fieldErrors.forbidden(`${field}.restartPolicyRules`, detail)]
  }
  if (restartPolicy !== undefined) return validateContainerRestartPolicy(container, field, rules)
  if (restartPolicyRules.length === 0) return []
  const detail = 'must specify restartPolicy when restart rules are used'
  return [fieldErrors.required(`${field}.restartPolicy`, detail)]
}

const resizable: readonly string[] = ['cpu', 'memory']
const resizePolicies: readonly string[] = ['NotRequired', 'RestartContainer']

export function validateResizePolicy(
  policies: Container['resizePolicy'] = [],
  field: string,
  podRestartPolicy: string | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) errors.push(fieldErrors.duplicate(`${field}[${index}]`, resourceName))
    seen.add(resourceName)
    errors.push(...checkRequiredOneOf(resourceName, field, resizable))
    errors.push(...checkRequiredOneOf(restartPolicy, field, resizePolicies))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      errors.push(fieldErrors.invalid(field, restartPolicy, detail))
    }
  }
  return errors
}

/** Whether a container that has ended would be started again (pkg/api/v1/pod ContainerShouldRestart). */
export function mayRestart(
  container: Container,
  spec: PodSpec,
  exitCode: number,
  { allowRestartAll }: Pick<PodSpecRules, 'allowRestartAll'>,
): boolean {
  if (container.restartPolicy !== undefined) {
    const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
      const named = exitCodes?.values?.includes(exitCode) ?? false
      return exitCodes?.operator === 'In' ? named : exitCodes?.operator === 'NotIn' && !named
    })
    if (rule?.action === 'Restart' || (rule?.action === 'RestartAllContainers' && allowRestartAll)) return true
  }
  const policy = container.restartPolicy ?? spec.restartPolicy
  if (policy === 'OnFailure') return exitCode !== 0
  return policy !== 'Never'
}

/** Whether the end of one container may start all of them again. */
export function hasRestartAllRule(spec: PodSpec): boolean {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  )
}
