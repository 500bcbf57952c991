import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { quantityScaled } from '../../../machinery/quantity.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkField, checkNonnegativeQuantity } from '../../field-checks.ts'
import { isNativeResource } from './pod/pod-resources.ts'

/** Names of resources and what they may count (pkg/apis/core/helper/helpers.go, pkg/apis/core/validation). */
const objectCounts = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const standardContainerResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const standardQuotaResources: ReadonlySet<string> = new Set([
  ...standardContainerResources,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...objectCounts,
])
const integerResources: ReadonlySet<string> = new Set(objectCounts)

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

export function isStandardQuotaResource(name: string): boolean {
  return standardQuotaResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

function isStandardResource(name: string): boolean {
  return name === 'storage' || isStandardQuotaResource(name)
}

/** A resource of somebody else's: `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return qualifiedName(`requests.${name}`).length === 0
}

export function validateResourceName(name: string, field: string): FieldError[] {
  const errors = checkField(name, field, qualifiedName)
  if (errors.length === 0 && !name.includes('/') && !isStandardResource(name)) {
    errors.push(fieldErrors.invalid(field, name, 'must be a standard resource type or fully qualified'))
  }
  return errors
}

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field)
  if (!name.includes('/')) {
    if (!standardContainerResources.has(name) && !isHugePages(name)) {
      errors.push(fieldErrors.invalid(field, name, 'must be a standard resource for containers'))
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(fieldErrors.invalid(field, name, "doesn't follow extended resource name standard"))
  }
  return errors
}

export function validateQuotaResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field)
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errors.push(fieldErrors.invalid(field, name, 'must be a standard resource for quota'))
  }
  return errors
}

/** Whether a quantity is right for its resource. */
export function validateResourceQuantity(name: string, quantity: string, field: string): FieldError[] {
  const errors = checkNonnegativeQuantity(quantity, field)
  if ((integerResources.has(name) || isExtendedResource(name)) && isFractional(quantity)) {
    errors.push(fieldErrors.invalid(field, quantity, 'must be an integer'))
  }
  return errors
}

/** Counted in thousandths, as upstream does. */
export function isFractional(quantity: string): boolean {
  return quantityScaled(quantity, -3) % 1000n !== 0n
}
