import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  CapacityRequirements,
  Device,
  DeviceCapacity,
} from '../../../../api/types.generated.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliQuantityOf,
  parseQuantity,
  type Quantity,
  quantityOf,
  quantityScaled,
  quantitySign,
} from '../../../../machinery/quantity.ts'
import type { ConsumedCapacity } from './allocated-state.ts'
import { AllocationError } from './allocation-error.ts'

/** structured/internal consumable_capacity.go. */

const maxInt64 = 2n ** 63n - 1n
const unrepresentable = "capacity request cannot be represented in the device's range arithmetic"

/**
 * Whether a device has room for a request beside what is consumed of it already, by others and by what is being
 * allocated. Throws AllocationError for what no device could give.
 */
export function hasCapacity(
  device: Pick<Device, 'capacity'>,
  requirements: CapacityRequirements | undefined,
  consumed: readonly (ConsumedCapacity | undefined)[],
  fractional: boolean,
): boolean {
  const { capacity = {} } = device
  if (Object.keys(requirements?.requests ?? {}).some((name) => !Object.hasOwn(capacity, name))) return false
  // First whether all can be told at all: which capacity comes first must not decide.
  const wanted = consumedBy(device, requirements, fractional)
  for (const [name, amount] of wanted)
    if (quantitySign(amount) < 0) throw new AllocationError(`capacity "${name}": capacity value is negative`)
  for (const [name, amount] of wanted) {
    const { value, requestPolicy } = capacity[name]!
    if (violatesPolicy(amount, requestPolicy, fractional)) return false
    const present = consumed.flatMap((each) => each?.get(name) ?? [])
    if (
      compareQuantities(
        present.reduce((sum, each) => addQuantities(sum, each), amount),
        value,
      ) > 0
    )
      return false
  }
  return true
}

/** What a request takes of a device, capacity by capacity. Throws AllocationError. */
export function consumedBy(
  { capacity = {} }: Pick<Device, 'capacity'>,
  requirements: CapacityRequirements | undefined,
  fractional: boolean,
): ConsumedCapacity {
  const requests = requirements?.requests ?? {}
  return new Map(
    Object.entries(capacity).map(([name, each]) => {
      try {
        return [name, amountOf(requests[name], each, fractional)] as const
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        throw new AllocationError(`capacity "${name}": ${unrepresentable}: ${error.message}`)
      }
    }),
  )
}

function amountOf(wanted: string | undefined, { value, requestPolicy }: DeviceCapacity, fractional: boolean): Quantity {
  if (wanted === undefined) return parseQuantity(requestPolicy?.default ?? value)
  const request = parseQuantity(wanted)
  if (requestPolicy?.validRange?.min !== undefined) return roundUpToStep(request, requestPolicy.validRange, fractional)
  const enough = requestPolicy?.validValues?.find((valid) => compareQuantities(request, valid) <= 0)
  return enough === undefined ? request : parseQuantity(enough)
}

/** Throws RangeError where the arithmetic of int64 ends. */
function roundUpToStep(request: Quantity, range: CapacityRequestPolicyRange, fractional: boolean): Quantity {
  if (compareQuantities(request, range.min) < 0) return parseQuantity(range.min)
  if (range.step === undefined) return request
  const scale = computesInMilli(range, fractional) ? -3 : 0
  const text = formatQuantity(request)
  if (scale === -3 && !isMilli(request)) throw new RangeError(`request ${text} is not a representable milli value`)
  const wanted = quantityScaled(request, scale)
  if (scale === 0 && wanted > maxInt64) throw new RangeError(`request ${text} exceeds MaxInt64`)
  const [step, min] = [quantityScaled(range.step, scale), quantityScaled(range.min, scale)]
  const steps = (wanted - min + step - 1n) / step
  const rounded = min + steps * step
  if (rounded > maxInt64) {
    const limit = scale === 0 ? 'MaxInt64' : 'the milli-value range'
    throw new RangeError(`rounding request ${text} up to the next step passes ${limit}`)
  }
  const { format } = parseQuantity(range.step)
  if (scale === 0) return quantityOf(rounded, format)
  return rounded % 1000n === 0n ? quantityOf(rounded / 1000n, format) : milliQuantityOf(rounded, format)
}

function violatesPolicy(amount: Quantity, policy: CapacityRequestPolicy | undefined, fractional: boolean): boolean {
  if (policy === undefined) return false
  if (policy.default !== undefined && compareQuantities(amount, policy.default) === 0) return false
  if (policy.validRange !== undefined) return violatesRange(amount, policy.validRange, fractional)
  const { validValues = [] } = policy
  return validValues.length > 0 && !validValues.some((valid) => compareQuantities(amount, valid) === 0)
}

function violatesRange(amount: Quantity, range: CapacityRequestPolicyRange, fractional: boolean): boolean {
  if (range.max !== undefined && compareQuantities(amount, range.max) > 0) return true
  if (range.step === undefined) return false
  const milli = computesInMilli(range, fractional)
  if (milli && !isMilli(amount)) return true
  const [value, step, min] = [amount, range.step, range.min].map((each) => quantityScaled(each, milli ? -3 : 0))
  return (value! - min!) % step! !== 0n
}

/** KEP-5075: ranges may be in thousandths where all of their bounds are. */
function computesInMilli({ min, max, step }: CapacityRequestPolicyRange, fractional: boolean): boolean {
  const bounds = [min, max, step].filter((bound) => bound !== undefined)
  return fractional && bounds.every(isMilli) && (step === undefined || quantityScaled(step, -3) >= 1n)
}

function isMilli(quantity: Quantity | string): boolean {
  const milli = quantityScaled(quantity, -3)
  return milli <= maxInt64 && milli >= -maxInt64 && compareQuantities(quantity, milliQuantityOf(milli)) === 0
}
