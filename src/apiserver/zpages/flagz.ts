import type { Zpage } from './zpage.ts'

/** Flags and what they are set to, as they would be written. */
export type FlagValues = Readonly<Record<string, string>>

/** How the process was started. */
export function flagzPage(component: string, flags: FlagValues): Zpage {
  const sorted = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    kind: 'Flagz',
    component,
    fields: () => ({ flags: Object.fromEntries(sorted) }),
    text: (delimiter) => sorted.map(([name, value]) => `${name}${delimiter}${value}\n`).join(''),
  }
}

/** Values of parsed flags, as Go prints them. */
export function flagValues(flags: Readonly<Record<string, unknown>>): FlagValues {
  return Object.fromEntries(
    Object.entries(flags)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? `[${value.join(',')}]` : String(value)]),
  )
}
