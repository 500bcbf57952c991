const letter = /\p{L}/u
const digit = /\p{Nd}/u

/** go-yaml's order of map keys (sorter.go): letters after other signs, numbers by their value: `a2` before `a10`. */
export function compareKeys(left: string, right: string): number {
  const a = Array.from(left)
  const b = Array.from(right)
  const common = Math.min(a.length, b.length)
  for (let at = 0; at < common; at++) {
    if (a[at] === b[at]) continue
    const aLetter = letter.test(a[at]!)
    const bLetter = letter.test(b[at]!)
    if (aLetter && bLetter) return byCodePoint(a[at]!, b[at]!)
    if (aLetter || bLetter) return bLetter ? -1 : 1
    return compareNumbers(a, b, at)
  }
  return a.length - b.length
}

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  // A number that began before this place counts as begun, so that 10 comes after 2 and 01 beside 1.
  let begun = 0
  if (a[at] === '0' || b[at] === '0') {
    for (let before = at - 1; before >= 0 && digit.test(a[before]!); before--) {
      if (a[before] === '0') continue
      begun = 1
      break
    }
  }
  const [aValue, aEnd] = number(a, at, begun)
  const [bValue, bEnd] = number(b, at, begun)
  if (aValue !== bValue) return aValue - bValue
  if (aEnd !== bEnd) return aEnd - bEnd
  return byCodePoint(a[at]!, b[at]!)
}

function number(chars: readonly string[], from: number, begun: number): [value: number, end: number] {
  let value = begun
  let end = from
  for (; end < chars.length && digit.test(chars[end]!); end++) value = value * 10 + chars[end]!.codePointAt(0)! - 48
  return [value, end]
}

const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!
