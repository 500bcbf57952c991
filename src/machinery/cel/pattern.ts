import { RE2JS } from 're2js'

/** Regular expressions in RE2's syntax, in time linear in the text. */
const compiled = new Map<string, RE2JS>()
const maxCompiled = 500

/** Throws an error with Go's words. */
export function pattern(text: string): RE2JS {
  const known = compiled.get(text)
  if (known !== undefined) return known
  const made = RE2JS.compile(text)
  if (compiled.size >= maxCompiled) compiled.delete(compiled.keys().next().value!)
  compiled.set(text, made)
  return made
}

/** What is wrong with an expression, or undefined. */
export function patternProblem(text: string): string | undefined {
  try {
    pattern(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
