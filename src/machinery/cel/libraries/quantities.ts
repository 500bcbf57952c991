import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  QuantityError,
  quantityOf,
  quantitySign,
  subtractQuantities,
} from '../../quantity.ts'
import type { Library } from '../environment.ts'
import { memberOverload, overload } from '../function.ts'
import { boolType, doubleType, intType, stringType } from '../type.ts'
import { CelError, type Value } from '../value.ts'
import { QuantityValue, quantityType } from './kubernetes-values.ts'

function quantity(text: string): Value {
  try {
    return new QuantityValue(parseQuantity(text))
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message)
    throw error
  }
}

/** The value, where it is a whole number that fits int64. */
function whole({ digits, scale }: Quantity): bigint | undefined {
  const power = 10n ** BigInt(Math.abs(scale))
  if (scale < 0 && digits % power !== 0n) return undefined
  const value = scale < 0 ? digits / power : digits * power
  return BigInt.asIntN(64, value) === value ? value : undefined
}
const compare = (id: string, name: string, holds: (order: number) => boolean) => ({
  name,
  overloads: [
    memberOverload(id, [quantityType, quantityType], boolType, (a: QuantityValue, b: QuantityValue) =>
      holds(compareQuantities(a.quantity, b.quantity)),
    ),
  ],
})
const combine = (name: string, operation: (a: Quantity, b: Quantity) => Quantity) => ({
  name,
  overloads: [
    memberOverload(
      `quantity_${name}`,
      [quantityType, quantityType],
      quantityType,
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(operation(a.quantity, b.quantity)),
    ),
    memberOverload(
      `quantity_${name}_int`,
      [quantityType, intType],
      quantityType,
      (a: QuantityValue, b: bigint) => new QuantityValue(operation(a.quantity, quantityOf(b, 'DecimalExponent'))),
    ),
  ],
})

/** apiserver pkg/cel/library/quantity.go. */
export const quantityLibrary: Library = {
  functions: [
    { name: 'quantity', overloads: [overload('string_to_quantity', [stringType], quantityType, quantity)] },
    {
      name: 'isQuantity',
      overloads: [
        overload('is_quantity_string', [stringType], boolType, (text: string) => !(quantity(text) instanceof CelError)),
      ],
    },
    {
      name: 'sign',
      overloads: [
        overload('quantity_sign', [quantityType], intType, (of: QuantityValue) => BigInt(quantitySign(of.quantity))),
      ],
    },
    compare('quantity_is_greater_than', 'isGreaterThan', (order) => order > 0),
    compare('quantity_is_less_than', 'isLessThan', (order) => order < 0),
    {
      name: 'compareTo',
      overloads: [
        memberOverload(
          'quantity_compare_to',
          [quantityType, quantityType],
          intType,
          (a: QuantityValue, b: QuantityValue) => BigInt(compareQuantities(a.quantity, b.quantity)),
        ),
      ],
    },
    {
      name: 'asApproximateFloat',
      overloads: [
        memberOverload(
          'quantity_get_float',
          [quantityType],
          doubleType,
          ({ quantity: { digits, scale } }: QuantityValue) => Number(`${digits}e${scale}`),
        ),
      ],
    },
    {
      name: 'asInteger',
      overloads: [
        memberOverload(
          'quantity_get_int',
          [quantityType],
          intType,
          (of: QuantityValue) => whole(of.quantity) ?? new CelError('cannot convert value to integer'),
        ),
      ],
    },
    {
      name: 'isInteger',
      overloads: [
        memberOverload(
          'quantity_is_integer',
          [quantityType],
          boolType,
          (of: QuantityValue) => whole(of.quantity) !== undefined,
        ),
      ],
    },
    combine('add', addQuantities),
    combine('sub', subtractQuantities),
  ],
}
