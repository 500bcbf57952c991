import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { compareQuantities, parseQuantity, quantityScaled } from '../../../../machinery/quantity.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { checkField } from '../../../field-checks.ts'
import type { PodSpec, ResourceRequirements } from '../../../types.generated.ts'
import {
  isHugePages,
  validateContainerResourceName,
  validateResourceName,
  validateResourceQuantity,
} from '../resource-names.ts'
import { isPodLevelResource } from './aggregate-containers.ts'
import { containerLimits, containerRequests, isOvercommitAllowed } from './pod-resources.ts'
import type { ResourceList } from './resource-list.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** What containers and pods ask for (pkg/apis/core/validation validateResourceRequirements). */
type NameCheck = (name: string, field: string) => FieldError[]

/** `claimNames`: what the pod's spec.resourceClaims are called. */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: ReadonlySet<string>,
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  return validateRequirements(resources ?? {}, validateContainerResourceName, claimNames, field, rules)
}

function validateRequirements(
  { limits = {}, requests = {}, claims = [] }: ResourceRequirements,
  checkName: NameCheck,
  claimNames: ReadonlySet<string>,
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const validateOne = (name: string, quantity: string, at: string): void => {
    errors.push(...checkName(name, at), ...validateResourceQuantity(name, quantity, at))
  }
  for (const [name, quantity] of Object.entries(limits)) {
    const at = `${field}.limits[${name}]`
    validateOne(name, quantity, at)
    errors.push(...checkHugePages(name, quantity, at, rules))
  }
  for (const [name, quantity] of Object.entries(requests)) {
    const at = `${field}.requests[${name}]`
    validateOne(name, quantity, at)
    const limit = limits[name]
    if (limit !== undefined) {
      const order = compareQuantities(quantity, limit)
      const relation =
        order !== 0 && !isOvercommitAllowed(name) ? 'equal to' : order > 0 ? 'less than or equal to' : undefined
      if (relation !== undefined) {
        errors.push(fieldErrors.invalid(`${field}.requests`, quantity, `must be ${relation} ${name} limit of ${limit}`))
      }
    } else if (!isOvercommitAllowed(name)) {
      errors.push(fieldErrors.required(`${field}.limits`, 'Limit must be set for non overcommitable resources'))
    }
    errors.push(...checkHugePages(name, quantity, at, rules))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(fieldErrors.forbidden(field, 'HugePages require cpu or memory'))
  }
  errors.push(...validateClaims(claims, claimNames, `${field}.claims`))
  return errors
}

function checkHugePages(name: string, quantity: string, field: string, rules: PodSpecRules): FieldError[] {
  if (!isHugePages(name) || rules.allowIndivisibleHugePages || isWholePages(name, quantity)) return []
  return [fieldErrors.invalid(field, quantity, `${quantity} is not positive integer multiple of ${name}`)]
}

/** Whether a quantity of huge pages is a multiple of the page's size, which is in the resource's name. */
export function isWholePages(name: string, quantity: string): boolean {
  let size: bigint
  try {
    const page = parseQuantity(name.slice('hugepages-'.length))
    if (quantityScaled(page, -3) % 1000n !== 0n) return false
    size = quantityScaled(page, 0)
  } catch {
    return false
  }
  return size > 0n && quantityScaled(quantity, 0) % size === 0n
}

function validateClaims(
  claims: NonNullable<ResourceRequirements['claims']>,
  claimNames: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { name, request }] of claims.entries()) {
    const at = `${field}[${index}]`
    if (!name) {
      errors.push(fieldErrors.required(at))
      continue
    }
    if (seen.has(name)) errors.push(fieldErrors.duplicate(at, name))
    else {
      const key = request ? `${name}/${request}` : name
      if (request) errors.push(...checkField(request, `${at}.request`, dns1123Label))
      if (seen.has(key)) errors.push(fieldErrors.duplicate(at, key))
      else if (!request) {
        for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(fieldErrors.duplicate(at, name))
      }
      seen.add(key)
    }
    if (!claimNames.has(name)) {
      const list = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`
      const detail = `must be one of the names in pod.spec.resourceClaims${list}`
      errors.push({ ...fieldErrors.notFound(at, name), detail })
    }
  }
  return errors
}

const podLevelResources = ['cpu', 'hugepages-', 'memory']
function validatePodResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field)
  if (errors.length > 0 || isPodLevelResource(name)) return errors
  return [fieldErrors.notSupported(field, name, podLevelResources)]
}

/** What the pod asks for as a whole, and how it fits with what its containers ask for. */
export function validatePodResources(
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  specField: string,
  rules: PodSpecRules,
): FieldError[] {
  const { resources } = spec
  if (!resources) return []
  const field = `${specField}.resources`
  if (spec.os?.name === 'windows') return [fieldErrors.forbidden(field, 'may not be set for a windows pod')]
  const errors: FieldError[] = []
  if (resources.claims) {
    errors.push(fieldErrors.forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'))
  }
  errors.push(...validateRequirements(resources, validatePodResourceName, claimNames, field, rules))
  errors.push(...validateConsistency(spec, field))
  return errors
}

function validateConsistency(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const { requests = {}, limits = {} } = spec.resources!
  const atLeast = (own: ResourceList, total: ResourceList, member: 'requests' | 'limits') => {
    for (const [name, quantity] of Object.entries(total)) {
      const pod = own[name]
      if (pod === undefined || compareQuantities(quantity, pod) <= 0) continue
      const detail = `must be greater than or equal to aggregate container ${member} of ${quantity}`
      errors.push(fieldErrors.invalid(`${field}.${member}[${name}]`, pod, detail))
    }
  }
  atLeast(requests, containerRequests(spec), 'requests')
  // Huge pages are not overcommitted: the pod's limit is all that its containers get.
  const pages = Object.entries(containerLimits(spec)).filter(([name]) => isHugePages(name))
  atLeast(limits, Object.fromEntries(pages), 'limits')
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const pod = limits[name]
      if (pod === undefined || compareQuantities(limit, pod) <= 0) continue
      const detail = `must be less than or equal to pod limits of ${pod}`
      errors.push(fieldErrors.invalid(`${field}.containers[${index}][${name}].limits`, limit, detail))
    }
  }
  return errors
}
