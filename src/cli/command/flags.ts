/**
 * Command-line flags with pflag's rules: `--name value`, `--name=value`, `-n value`, `-nvalue`, bundled booleans
 * (`-it`), `--flag=false`, flags and arguments in any order, `--` ends the flags.
 */
export interface Flag<Value = unknown> {
  readonly type: 'boolean' | 'string' | 'list' | 'number' | 'duration'
  readonly short?: string
  readonly summary: string
  /** What stands for the value in help: `FILE`. */
  readonly placeholder?: string
  readonly default: Value
  /** The least number that is taken. The default may be less: it stands for no answer. */
  readonly min?: number
  /** The values that are taken; others are refused and completion offers these. */
  readonly values?: readonly string[]
  /** Reads the text of one value in place of what the type does. Throws an Error that says what is wrong with it. */
  readonly parse?: (text: string) => unknown
  readonly hidden?: boolean
  /** The heading under which help shows it; default: among the command's own. */
  readonly group?: string
}

export type Flags = Readonly<Record<string, Flag>>
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer Value> ? Value : never
}

export function booleanFlag(
  summary: string,
  more: { short?: string; default?: boolean; hidden?: boolean } = {},
): Flag<boolean> {
  return { type: 'boolean', summary, default: false, ...more }
}
export function stringFlag(
  summary: string,
  more: { short?: string; placeholder?: string; default?: string; values?: readonly string[]; hidden?: boolean } = {},
): Flag<string> {
  return { type: 'string', summary, default: '', ...more }
}
export function numberFlag(
  summary: string,
  more: { short?: string; placeholder?: string; default: number; min?: number },
): Flag<number> {
  return { type: 'number', summary, ...more }
}
/** In seconds; 0 when it is not given. */
export function durationFlag(summary: string): Flag<number> {
  return { type: 'duration', summary, default: 0 }
}
/** May be given several times, or once with commas. */
export function listFlag(
  summary: string,
  more: { short?: string; placeholder?: string } = {},
): Flag<readonly string[]> {
  return { type: 'list', summary, default: [], ...more }
}

/** The user's own mistake: printed without a stack, exit code 2, with the way to help. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Parsed<F extends Flags> {
  readonly flags: FlagValues<F>
  readonly args: readonly string[]
  /** Names of the flags that the user gave. */
  readonly given: ReadonlySet<string>
}

export function parseFlags<F extends Flags>(declared: F, argv: readonly string[]): Parsed<F> {
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(declared)) values[name] = flag.default
  const given = new Set<string>()
  const args: string[] = []
  const byShort = new Map(
    Object.entries(declared).flatMap(([name, flag]) => (flag.short ? [[flag.short, name] as const] : [])),
  )

  const set = (name: string, shown: string, text: string) => {
    values[name] = convert(declared[name]!, shown, text, given.has(name) ? values[name] : undefined)
    given.add(name)
  }

  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index]!
    if (arg === '--') {
      args.push(...argv.slice(index + 1))
      break
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=')
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
      const flag = Object.hasOwn(declared, name) ? declared[name] : undefined
      if (flag === undefined)
        throw new UsageError(`unknown flag: --${name}${suggestion(name, Object.keys(declared), '--')}`)
      if (equals >= 0) set(name, `--${name}`, arg.slice(equals + 1))
      else if (flag.type === 'boolean') set(name, `--${name}`, 'true')
      else if (index + 1 >= argv.length) throw new UsageError(`flag needs an argument: --${name}`)
      else set(name, `--${name}`, argv[++index]!)
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let at = 1; at < arg.length; at++) {
        const short = arg[at]!
        const name = byShort.get(short)
        if (name === undefined) throw new UsageError(`unknown shorthand flag: '${short}' in ${arg}`)
        const rest = arg.slice(at + 1)
        if (declared[name]!.type === 'boolean' && !rest.startsWith('=')) {
          set(name, `-${short}, --${name}`, 'true')
          continue
        }
        if (rest !== '') set(name, `-${short}, --${name}`, rest.startsWith('=') ? rest.slice(1) : rest)
        else if (index + 1 >= argv.length) throw new UsageError(`flag needs an argument: '${short}' in ${arg}`)
        else set(name, `-${short}, --${name}`, argv[++index]!)
        break
      }
    } else args.push(arg)
  }
  return { flags: values as FlagValues<F>, args, given }
}

function convert(flag: Flag, shown: string, text: string, previous: unknown): unknown {
  if (text === '' && flag.default === '') return ''
  const refuse = (why: string) => new UsageError(`invalid argument "${text}" for "${shown}" flag: ${why}`)
  if (flag.values && !flag.values.some((value) => text === value || (value.endsWith('=') && text.startsWith(value)))) {
    throw refuse(`must be one of ${flag.values.map((value) => (value.endsWith('=') ? `${value}…` : value)).join(', ')}`)
  }
  // An empty list takes back what was kept.
  if (flag.parse !== undefined && !(flag.type === 'list' && text === '')) {
    try {
      const value = flag.parse(text)
      return flag.type === 'list' ? [...((previous as unknown[] | undefined) ?? []), ...(value as unknown[])] : value
    } catch (error) {
      throw refuse((error as Error).message)
    }
  }
  switch (flag.type) {
    case 'boolean':
      if (/^(1|t|true|T|True|TRUE)$/.test(text)) return true
      if (/^(0|f|false|F|False|FALSE)$/.test(text)) return false
      throw refuse('must be true or false')
    case 'number':
      if (!/^\d+$/.test(text)) throw refuse('must be a whole number, 0 or more')
      if (Number(text) < (flag.min ?? 0)) throw refuse(`must be at least ${flag.min}`)
      return Number(text)
    case 'duration': {
      const seconds = parseDuration(text)
      if (seconds === undefined) throw refuse('must be a duration such as 30s, 5m or 1h30m')
      return seconds
    }
    case 'list':
      return [...((previous as readonly string[] | undefined) ?? []), ...text.split(',')]
    case 'string':
      return text
  }
}

/** Go's duration text in seconds, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 }
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!,
    0,
  )
}

/** `, did you mean --nodes?` when one of the names is close. */
export function suggestion(wrong: string, names: readonly string[], prefix = ''): string {
  const close = names.filter((name) => distance(wrong, name) <= Math.max(1, Math.floor(name.length / 3)))
  return close.length === 0 ? '' : `, did you mean ${close.map((name) => prefix + name).join(' or ')}?`
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
