import type { SourceFile } from './source-files.ts'

const forbidden: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\b(Date\.now|setTimeout|setInterval)\s*\(/, why: 'take the time from a Clock (src/machinery/clock.ts)' },
  { pattern: /\b(Math\.random|randomUUID)\s*\(/, why: 'take randomness from a Random (src/machinery/random.ts)' },
  {
    pattern: /^import (?!type\b).* from 'node:http'/,
    why: 'it loads fetch as well: take http from src/machinery/node-http.ts',
  },
  { pattern: /\bas any\b|: any\b|<any>/, why: 'say the type; unknown at the edges' },
  { pattern: /\b(TODO|FIXME|XXX)\b/, why: 'finish it, or write it on the issue' },
]

const exempt = /^src\/machinery\/(clock|random)\.ts$|\.test\.ts$|\.fixture\.ts$/

/** Time and randomness come from one place each, and no type is switched off. */
export function checkPurity(files: readonly SourceFile[]): string[] {
  const problems: string[] = []
  for (const file of files) {
    if (!file.path.startsWith('src/') || exempt.test(file.path)) continue
    file.text.split('\n').forEach((line, index) => {
      const code = line.replace(/\/\/.*$|\/\*.*?\*\/|\/\*\*.*$|^\s*\*.*$/g, '')
      for (const { pattern, why } of forbidden)
        if (pattern.test(code)) problems.push(`${file.path}:${index + 1}: ${why}: ${line.trim()}`)
    })
  }
  return problems
}
