import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, type SourceFile } from './source-files.ts'

const page = 'docs/design/security.md'

/**
 * One message per row of the page without a test that names it (`security.md, CLASS…`), and per case that no test names.
 */
export function checkSecurityRows(files: readonly SourceFile[]): string[] {
  const tests = files
    .filter(({ path }) => path.endsWith('.test.ts'))
    .map(({ text }) => text)
    .join('\n')
  return missingRows(readFileSync(join(root, page), 'utf8'), tests)
}

export function missingRows(text: string, tests: string): string[] {
  const rows = [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)]
    .map(([, name = '', cases = '']) => ({ name: name.trim(), cases: cases.match(/(CVE|GO)-\d+-\d+/g) ?? [] }))
    .filter(({ name }) => name !== 'class' && !name.startsWith('---'))
  if (rows.length === 0) return [`${page}: it has no rows`]
  return rows.flatMap(({ name, cases }) => [
    ...(tests.includes(`security.md, ${name}`) ? [] : [`${page}: no test is named "security.md, ${name}…"`]),
    ...cases.filter((one) => !tests.includes(one)).map((one) => `${page}: no test names ${one} (${name})`),
  ])
}
