/** `npm run check`: types, lint, format, import arrows, circles, file sizes, purity, security rows. Prints each problem and exits 1 if there is one. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { checkArrows } from './check/arrows.ts'
import { checkCircles } from './check/circles.ts'
import { checkFileSizes } from './check/file-sizes.ts'
import { checkPurity } from './check/purity.ts'
import { checkSecurityRows } from './check/security-rows.ts'
import { root, sourceFiles } from './check/source-files.ts'

const files = sourceFiles('src', 'scripts', 'bench', 'conformance', 'differential')

const tool =
  (name: string, ...args: string[]) =>
  (): string[] => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', name), args, {
      cwd: root,
      encoding: 'utf8',
    })
    return status === 0 ? [] : [`${stdout}${stderr}`.trim()]
  }

const checks: readonly (readonly [string, () => string[]])[] = [
  ['types', tool('tsc', '-p', '.')],
  ['lint', tool('oxlint', '--deny-warnings', 'src', 'scripts', 'bench', 'conformance', 'differential')],
  ['format', tool('biome', 'format', '.')],
  ['arrows', () => checkArrows(files)],
  ['circles', () => checkCircles(files)],
  ['file sizes', () => checkFileSizes(files)],
  ['purity', () => checkPurity(files)],
  ['security rows', () => checkSecurityRows(files)],
]

let failed = 0
for (const [name, check] of checks) {
  const start = performance.now()
  const problems = check()
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  )
  for (const problem of problems) console.log(problem.replace(/^/gm, '  '))
  if (problems.length > 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
