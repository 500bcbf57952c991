import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { canonicalQuantity, quantitySign } from '../../../machinery/quantity.ts'
import type { Device, NodeAllocatableResource } from '../../types.generated.ts'

type Mapping = NonNullable<NodeAllocatableResource['mapping']>
type Overhead = NonNullable<NodeAllocatableResource['overhead']>

/** What a device takes of the node's own resources (pkg/apis/resource/validation validateNodeAllocatableResources). */
export function validateNodeAllocatable(
  { nodeAllocatableResources = {}, capacity }: Device,
  field: string,
): FieldError[] {
  return Object.entries(nodeAllocatableResources).flatMap(([name, { mapping, overhead }]) => {
    const at = `${field}[${name}]`
    const errors: FieldError[] = []
    if (name !== 'cpu' && name !== 'memory' && !name.startsWith('hugepages-')) {
      errors.push(fieldErrors.invalid(at, name, 'must be a node allocatable resource name'))
    }
    if (mapping === undefined && overhead === undefined) {
      errors.push(fieldErrors.required(at, 'at least one of mapping or overhead must be set'))
    }
    if (mapping !== undefined) errors.push(...validateMapping(mapping, capacity, `${at}.mapping`))
    if (overhead !== undefined) errors.push(...validateOverhead(overhead, `${at}.overhead`))
    return errors
  })
}

function validateMapping(
  { capacityKey: key, capacityMultiplier, deviceMultiplier }: Mapping,
  capacity: Device['capacity'],
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  const positive = (quantity: string | undefined, at: string) => {
    if (quantity === undefined || quantitySign(quantity) > 0) return
    errors.push(fieldErrors.invalid(at, canonicalQuantity(quantity), 'must be positive'))
  }
  if (key === '') {
    errors.push(fieldErrors.invalid(`${field}.capacityKey`, '', 'capacityKey must not be an empty string'))
  } else if (key !== undefined && capacity?.[key] === undefined) {
    errors.push(fieldErrors.notFound(`${field}.capacityKey`, key))
  }
  if (key !== undefined) {
    if (capacityMultiplier === undefined) {
      const detail = 'capacityMultiplier is required when capacityKey is set'
      errors.push(fieldErrors.required(`${field}.capacityMultiplier`, detail))
    } else positive(capacityMultiplier, `${field}.capacityMultiplier`)
  }
  positive(deviceMultiplier, `${field}.deviceMultiplier`)
  if (capacityMultiplier !== undefined && key === undefined) {
    const detail = 'capacityKey is required when capacityMultiplier is set'
    errors.push(fieldErrors.required(`${field}.capacityKey`, detail))
  }
  return errors
}

function validateOverhead({ perPod, perContainer }: Overhead, field: string): FieldError[] {
  if (perPod === undefined && perContainer === undefined) {
    return [fieldErrors.invalid(field, '', 'at least one of perPod or perContainer must be set')]
  }
  return Object.entries({ perPod, perContainer }).flatMap(([member, quantity]) =>
    quantity !== undefined && quantitySign(quantity) < 0
      ? [fieldErrors.invalid(`${field}.${member}`, canonicalQuantity(quantity), 'must be non-negative')]
      : [],
  )
}
