import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { quantitySign } from '../../machinery/quantity.ts'
import { dns1123Label } from '../../machinery/validation/dns-names.ts'
import { validateNonnegative } from '../../machinery/validation/object-meta.ts'
import { pathSegment } from '../../machinery/validation/value-formats.ts'
import { validateContainerResourceName } from '../core/v1/resource-names.ts'
import { checkField, checkNonnegativeQuantity, checkRequired } from '../field-checks.ts'
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
  MetricTarget,
} from '../types.generated.ts'

/** pkg/apis/autoscaling/validation, less what is declared with the types. */
interface ReferenceRules {
  /** The core group, whose name is empty. */
  readonly allowEmptyGroup: boolean
  /** It was so before. */
  readonly allowInvalidVersion: boolean
}

export function validateAutoscaler(autoscaler: HorizontalPodAutoscaler, old?: HorizontalPodAutoscaler): FieldError[] {
  const { spec } = autoscaler
  const { minReplicas, maxReplicas = 0, scaleTargetRef: target } = spec
  const errors: FieldError[] = []
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = 'must be greater than or equal to `minReplicas`'
    errors.push(fieldErrors.invalid('spec.maxReplicas', maxReplicas, detail))
  }
  const before = old?.spec.scaleTargetRef
  const sameTarget = before !== undefined && before.apiVersion === target.apiVersion && before.kind === target.kind
  errors.push(
    ...validateReference(target, 'spec.scaleTargetRef', {
      allowInvalidVersion: sameTarget,
      allowEmptyGroup: target.kind === 'ReplicationController',
    }),
  )
  errors.push(...validateMetrics(spec, old))
  for (const member of ['scaleUp', 'scaleDown'] as const) {
    errors.push(...validateScalingRules(spec.behavior?.[member], `spec.behavior.${member}`))
  }
  return errors
}

function validateReference(ref: CrossVersionObjectReference, field: string, rules: ReferenceRules): FieldError[] {
  const errors: FieldError[] = []
  for (const member of ['kind', 'name'] as const) {
    errors.push(...checkRequired(ref[member], `${field}.${member}`, (text) => pathSegment(text)))
  }
  const fault = versionFault(ref, rules)
  if (fault) errors.push(fieldErrors.invalid(`${field}.apiVersion`, ref.apiVersion ?? '', fault))
  return errors
}

function versionFault({ apiVersion = '' }: CrossVersionObjectReference, rules: ReferenceRules): string | undefined {
  if (rules.allowInvalidVersion) return undefined
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`
  const group = slashes === 1 ? apiVersion.split('/')[0] : ''
  return group === '' && !rules.allowEmptyGroup ? 'apiVersion must specify API group' : undefined
}

const metricTypes: readonly string[] = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

function validateMetrics(spec: HorizontalPodAutoscalerSpec, old: HorizontalPodAutoscaler | undefined): FieldError[] {
  const metrics = spec.metrics ?? []
  const strict = { allowEmptyGroup: true, allowInvalidVersion: false }
  const wasInvalid = (old?.spec.metrics ?? []).some(
    ({ type, object }) => type === 'Object' && object && versionFault(object.describedObject, strict) !== undefined,
  )
  const rules = { ...strict, allowInvalidVersion: wasInvalid }
  const errors = metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`, rules))
  const needsNoPods = metrics.some(({ type }) => type === 'Object' || type === 'External')
  if (spec.minReplicas === 0 && !needsNoPods) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(fieldErrors.forbidden('spec.metrics', detail))
  }
  return errors
}

const members = ['object', 'external', 'pods', 'resource', 'containerResource'] as const
type Member = (typeof members)[number]

function validateMetric(metric: MetricSpec, field: string, rules: ReferenceRules): FieldError[] {
  const { type } = metric
  const errors: FieldError[] = type ? [] : [fieldErrors.required(`${field}.type`, 'must specify a metric source type')]
  const unknown = () => fieldErrors.notSupported(`${field}.type`, type, metricTypes)
  if (!metricTypes.includes(type)) errors.push(unknown())
  const present = members.filter((member) => metric[member])
  const [first] = present
  if (first) errors.push(...validateSource(first, metric, `${field}.${first}`, rules))
  const expected = members.find((member) => member.toLowerCase() === type.toLowerCase() && metricTypes.includes(type))
  if (expected === undefined) errors.push(unknown())
  else if (!metric[expected]) {
    const detail = 'must populate information for the given metric source'
    errors.push(fieldErrors.required(`${field}.${expected}`, detail))
  }
  if (present.length === 1) return errors
  for (const member of present) {
    if (member === expected) continue
    errors.push(fieldErrors.forbidden(`${field}.${member}`, 'must populate the given metric source only'))
  }
  return errors
}

function validateSource(member: Member, metric: MetricSpec, field: string, rules: ReferenceRules): FieldError[] {
  const { target } = metric[member]!
  const at = `${field}.target`
  const both = (one: keyof MetricTarget, other: keyof MetricTarget) =>
    target[one] !== undefined && target[other] !== undefined
  const neither = (one: keyof MetricTarget, other: keyof MetricTarget) =>
    target[one] === undefined && target[other] === undefined
  if (member === 'object') {
    const { describedObject, metric: identifier } = metric.object!
    const errors = validateReference(describedObject, `${field}.describedObject`, rules)
    errors.push(...validateIdentifier(identifier, field), ...validateTarget(target, at))
    if (neither('value', 'averageValue')) {
      const detail = 'must set either a target value or averageValue'
      errors.push(fieldErrors.required(`${at}.averageValue`, detail))
    }
    return errors
  }
  if (member === 'external') {
    const errors = [...validateIdentifier(metric.external!.metric, field), ...validateTarget(target, at)]
    if (neither('value', 'averageValue')) {
      const detail = 'must set either a target value for metric or a per-pod target'
      errors.push(fieldErrors.required(`${at}.averageValue`, detail))
    }
    if (both('value', 'averageValue')) {
      const detail = 'may not set both a target value for metric and a per-pod target'
      errors.push(fieldErrors.forbidden(`${at}.value`, detail))
    }
    return errors
  }
  if (member === 'pods') {
    const errors = [...validateIdentifier(metric.pods!.metric, field), ...validateTarget(target, at)]
    if (target.averageValue !== undefined) return errors
    return [...errors, fieldErrors.required(`${at}.averageValue`, 'must specify a positive target averageValue')]
  }
  const errors = member === 'resource' ? [] : validateContainer(metric.containerResource!, field)
  if (!metric[member]!.name) errors.unshift(fieldErrors.required(`${field}.name`, 'must specify a resource name'))
  errors.push(...validateTarget(target, at))
  if (neither('averageUtilization', 'averageValue')) {
    const detail = 'must set either a target raw value or a target utilization'
    errors.push(fieldErrors.required(`${at}.averageUtilization`, detail))
  }
  if (both('averageUtilization', 'averageValue')) {
    const detail = 'may not set both a target raw value and a target utilization'
    errors.push(fieldErrors.forbidden(`${at}.averageValue`, detail))
  }
  return errors
}

function validateContainer(source: NonNullable<MetricSpec['containerResource']>, field: string): FieldError[] {
  const { name, container } = source
  return [
    ...(name ? validateContainerResourceName(name, `${field}.name`) : []),
    ...(container
      ? checkField(container, `${field}.container`, dns1123Label)
      : [fieldErrors.required(`${field}.container`, 'must specify a container')]),
  ]
}

function validateIdentifier({ name }: { readonly name: string }, field: string): FieldError[] {
  const at = `${field}.metric.name`
  if (!name) return [fieldErrors.required(at, 'must specify a metric name')]
  return checkField(name, at, (text) => pathSegment(text))
}

function validateTarget(target: MetricTarget, field: string): FieldError[] {
  const { type, averageUtilization } = target
  const errors: FieldError[] = type ? [] : [fieldErrors.required(`${field}.type`, 'must specify a metric target type')]
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(fieldErrors.invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  }
  for (const member of ['value', 'averageValue'] as const) {
    const quantity = target[member]
    if (quantity === undefined || quantitySign(quantity) === 1) continue
    errors.push(fieldErrors.invalid(`${field}.${member}`, quantity, 'must be positive'))
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(fieldErrors.invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'))
  }
  return errors
}

const maxWindowSeconds = 3600
const maxPeriodSeconds = 1800
const selections: readonly string[] = ['Disabled', 'Max', 'Min']
const policyTypes: readonly string[] = ['Percent', 'Pods']

function validateScalingRules(rules: HPAScalingRules | undefined, field: string): FieldError[] {
  if (!rules) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  const errors: FieldError[] = []
  const at = `${field}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) {
    errors.push(fieldErrors.invalid(at, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > maxWindowSeconds) {
    errors.push(fieldErrors.invalid(at, window, `must be less than or equal to ${maxWindowSeconds}`))
  }
  if (selectPolicy !== undefined && !selections.includes(selectPolicy)) {
    errors.push(fieldErrors.notSupported(`${field}.selectPolicy`, selectPolicy, selections))
  }
  if (policies.length === 0) {
    errors.push(fieldErrors.required(`${field}.policies`, 'must specify at least one Policy'))
  }
  for (const [index, { type, value, periodSeconds: period }] of policies.entries()) {
    const path = `${field}.policies[${index}]`
    if (!policyTypes.includes(type)) errors.push(fieldErrors.notSupported(`${path}.type`, type, policyTypes))
    if (value <= 0) errors.push(fieldErrors.invalid(`${path}.value`, value, 'must be greater than zero'))
    if (period <= 0) errors.push(fieldErrors.invalid(`${path}.periodSeconds`, period, 'must be greater than zero'))
    if (period > maxPeriodSeconds) {
      const detail = `must be less than or equal to ${maxPeriodSeconds}`
      errors.push(fieldErrors.invalid(`${path}.periodSeconds`, period, detail))
    }
  }
  if (tolerance !== undefined) errors.push(...checkNonnegativeQuantity(tolerance, `${field}.tolerance`))
  return errors
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...(status?.conditions ?? []).flatMap(({ observedGeneration }, index) =>
      validateNonnegative(observedGeneration, `status.conditions[${index}].observedGeneration`),
    ),
    ...validateNonnegative(status?.currentReplicas, 'status.currentReplicas'),
    ...validateNonnegative(status?.desiredReplicas, 'status.desiredReplicas'),
  ]
}
