import {
  formatQuantity,
  milliQuantityOf,
  quantityMilliValue,
  quantityOf,
  quantityValue,
} from '../../machinery/quantity.ts'

/** Amounts of resources as numbers, which is what the kubelet reckons with. */

/** Whole units, rounded up: bytes of memory. What is no quantity counts as 0. */
export function units(quantity: string | undefined): number {
  return read(quantity, quantityValue)
}
/** Thousandths, rounded up: millicores of CPU. */
export function millis(quantity: string | undefined): number {
  return read(quantity, quantityMilliValue)
}
function read(quantity: string | undefined, as: (text: string) => number): number {
  if (quantity === undefined) return 0
  try {
    return as(String(quantity))
  } catch {
    return 0
  }
}

/** A quantity of CPU from millicores, in its canonical form. */
export function cpuQuantity(milli: number): string {
  return formatQuantity(milliQuantityOf(milli))
}
/** A quantity of bytes in its canonical binary form. */
export function bytesQuantity(bytes: number): string {
  return formatQuantity(quantityOf(bytes, 'BinarySI'))
}
