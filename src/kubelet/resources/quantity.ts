/** Amounts of resources, read from the API's quantities (apimachinery pkg/api/resource), as numbers. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

function parse(text: string | number | undefined): number {
  const match = /^([+-]?[0-9.]+)(?:[eE]([+-]?\d+)|([A-Za-z]*))$/.exec(String(text ?? '0'))
  if (match === null) return 0
  const factor = match[2] === undefined ? (factors[match[3] ?? ''] ?? Number.NaN) : 10 ** Number(match[2])
  return Number(match[1]) * factor
}
// Decimal fractions such as 0.1 × 1000 must not come out as 100.00000000000001 and be rounded up.
const roundUp = (value: number) => Math.ceil(Number(value.toPrecision(15)))

/** Whole units, rounded up: bytes of memory. */
export function units(quantity: string | number | undefined): number {
  return roundUp(parse(quantity))
}
/** Thousandths, rounded up: millicores of CPU. */
export function millis(quantity: string | number | undefined): number {
  return roundUp(parse(quantity) * 1000)
}

/** A quantity of CPU from millicores, in its canonical form. */
export function cpuQuantity(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}
/** A quantity of bytes in its canonical binary form. */
export function bytesQuantity(bytes: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
  let value = bytes
  let index = 0
  while (value !== 0 && value % 1024 === 0 && index < suffixes.length - 1) {
    value /= 1024
    index++
  }
  return `${value}${suffixes[index]}`
}
