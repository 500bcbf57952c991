/**
 * The number that `3` or `"25%"` stands for, of `total`; percentages are rounded up or down
 * (apimachinery pkg/util/intstr GetScaledValueFromIntOrPercent). Throws when the text is no percentage.
 */
export function scaledValue(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const match = /^([+-]?[0-9]+)%$/.exec(value)
  if (match === null) {
    const why = value.endsWith('%') ? `"${value}"` : 'string is not a percentage'
    throw new Error(`invalid value for IntOrString: invalid type: ${why}`)
  }
  const exact = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
