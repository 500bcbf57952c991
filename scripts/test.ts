/**
 * `npm test [-- PATTERN ...]`: unit and room tests in one process, then those that need real parts of the machine
 * (`*.integration.test.ts`), each file in a process of its own. With patterns: only files whose path contains one.
 * Closes with the counts; exits 1 unless all that ran passed.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const patterns = process.argv.slice(2)
const files = globSync(
  [
    'src/**/*.test.ts',
    'scripts/**/*.test.ts',
    'conformance/**/*.test.ts',
    'bench/**/*.test.ts',
    'differential/**/*.test.ts',
  ],
  {
    cwd: root,
  },
)
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .toSorted()
const integration = files.filter((file) => file.endsWith('.integration.test.ts'))
const unit = files.filter((file) => !integration.includes(file))

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Runs node's test runner over the files and counts; a runner that died without counts is one failure. */
function runPhase(name: string, phaseFiles: readonly string[], ...options: string[]): Counts {
  if (phaseFiles.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  console.log(`# ${name}: ${phaseFiles.length} files`)
  const folder = mkdtempSync(join(tmpdir(), 'skiff-test-'))
  const countsFile = join(folder, 'counts')
  const reporters = [
    `--test-reporter=${process.env['TEST_REPORTER'] ?? (process.env['CI'] ? 'dot' : 'spec')}`,
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'scripts/test/counts-reporter.ts')}`,
    `--test-reporter-destination=${countsFile}`,
  ]
  const run = spawnSync(process.execPath, [...process.execArgv, '--test', ...options, ...reporters, ...phaseFiles], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  try {
    const counts = JSON.parse(readFileSync(countsFile, 'utf8')) as Counts
    return run.status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const phases = [
  runPhase('unit and room tests', unit, '--test-isolation=none', '--test-timeout=60000'),
  runPhase('integration tests', integration, '--test-concurrency=1', '--test-timeout=600000'),
]
const total = phases.reduce((sum, phase) => ({
  passed: sum.passed + phase.passed,
  failed: sum.failed + phase.failed,
  skipped: sum.skipped + phase.skipped,
}))
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
