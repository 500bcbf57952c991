import { goQuote } from './field-error.ts'

/** A version after semver.org, read as github.com/blang/semver does, with its words for what is wrong. */
export interface SemanticVersion {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly preRelease: readonly (bigint | string)[]
  readonly build: readonly string[]
}

export class SemanticVersionError extends Error {
  override readonly name = 'SemanticVersionError'
}

/** Throws SemanticVersionError. */
export function parseVersion(text: string): SemanticVersion {
  if (text === '') throw new SemanticVersionError('Version string empty')
  const [major, minor, ...rest] = text.split('.')
  if (minor === undefined || rest.length === 0) throw new SemanticVersionError('No Major.Minor.Patch elements found')
  let patch = rest.join('.')
  const after = (mark: string): string[] => {
    const at = patch.indexOf(mark)
    if (at < 0) return []
    const parts = patch.slice(at + 1).split('.')
    patch = patch.slice(0, at)
    return parts
  }
  const numbers = [number('Major', major!), number('Minor', minor)]
  const build = after('+')
  const preRelease = after('-')
  const version = {
    major: numbers[0]!,
    minor: numbers[1]!,
    patch: number('Patch', patch),
    preRelease: preRelease.map(preReleasePart),
    build,
  }
  for (const part of build) {
    if (part === '') throw new SemanticVersionError('Build meta data is empty')
    if (!/^[0-9A-Za-z-]+$/.test(part))
      throw new SemanticVersionError(`Invalid character(s) found in build meta data ${goQuote(part)}`)
  }
  return version
}

function number(which: 'Major' | 'Minor' | 'Patch', text: string): bigint {
  if (!/^\d*$/.test(text))
    throw new SemanticVersionError(`Invalid character(s) found in ${which.toLowerCase()} number ${goQuote(text)}`)
  if (/^0./.test(text))
    throw new SemanticVersionError(`${which} number must not contain leading zeroes ${goQuote(text)}`)
  return uint64(text)
}
function uint64(text: string): bigint {
  const wrong = (why: string) => new SemanticVersionError(`strconv.ParseUint: parsing ${goQuote(text)}: ${why}`)
  if (text === '') throw wrong('invalid syntax')
  const value = BigInt(text)
  if (BigInt.asUintN(64, value) !== value) throw wrong('value out of range')
  return value
}

function preReleasePart(text: string): bigint | string {
  if (text === '') throw new SemanticVersionError('Prerelease is empty')
  if (/^\d+$/.test(text)) {
    if (/^0./.test(text))
      throw new SemanticVersionError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}`)
    return uint64(text)
  }
  if (!/^[0-9A-Za-z-]+$/.test(text))
    throw new SemanticVersionError(`Invalid character(s) found in prerelease ${goQuote(text)}`)
  return text
}

/** Takes `v1.2` and `1.02.3` too, as Kubernetes' CEL library normalizes. Throws SemanticVersionError. */
export function parseTolerantVersion(text: string): SemanticVersion {
  const [major, minor, ...rest] = text.replace(/^v/, '').split('.')
  const parts = [major!, minor, rest.length > 0 ? rest.join('.') : undefined]
    .filter((part) => part !== undefined)
    .map((part) => (part.length > 1 ? part.replace(/^0+(?=\d)/, '').replace(/^0+(?!\d)/, '0') : part))
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!))
    throw new SemanticVersionError('short version cannot contain PreRelease/Build meta data')
  while (parts.length < 3) parts.push('0')
  return parseVersion(parts.join('.'))
}

/** -1, 0 or 1; build meta data do not count. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  return (
    order(a.major, b.major) ||
    order(a.minor, b.minor) ||
    order(a.patch, b.patch) ||
    comparePreReleases(a.preRelease, b.preRelease)
  )
}
const order = (a: bigint | number | string, b: bigint | number | string) => (a < b ? -1 : a > b ? 1 : 0)

function comparePreReleases(a: SemanticVersion['preRelease'], b: SemanticVersion['preRelease']): number {
  // A release comes after its previews.
  if (a.length === 0 || b.length === 0) return order(b.length, a.length)
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left, right] = [a[index]!, b[index]!]
    const both = typeof left === typeof right
    const compared = both ? order(left, right) : typeof left === 'bigint' ? -1 : 1
    if (compared !== 0) return compared
  }
  return order(a.length, b.length)
}

export function versionText({ major, minor, patch, preRelease, build }: SemanticVersion): string {
  const pre = preRelease.length === 0 ? '' : `-${preRelease.join('.')}`
  return `${major}.${minor}.${patch}${pre}${build.length === 0 ? '' : `+${build.join('.')}`}`
}
