import { pattern, patternProblem } from '../../machinery/cel/pattern.ts'

/** Patterns are searched for in the origin, so each must pin its host (validateCorsAllowedOriginList, CVE-2022-1996). */
export function allowedOrigins(patterns: readonly string[]): (origin: string) => boolean {
  const compiled = patterns.map((text) => {
    if (text === '') throw new Error('empty value in --cors-allowed-origins')
    const problem =
      patternProblem(text) ??
      (/\^|\/\//.test(text) && /[$:]/.test(text)
        ? undefined
        : 'regular expression does not pin to start/end of host in the origin header')
    if (problem !== undefined) throw new Error(`--cors-allowed-origins has an invalid regular expression: ${problem}`)
    return pattern(text)
  })
  return (origin) => compiled.some((each) => each.matcher(origin).find())
}
