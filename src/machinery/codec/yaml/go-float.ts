/** strconv.FormatFloat(value, 'g', -1, 64): an exponent of two digits or more, below -4 and from 6 on. */
export function formatGoFloat(value: number): string {
  const [mantissa, power] = value.toExponential().split('e') as [string, string]
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
