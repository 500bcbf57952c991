import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kitFolder } from './cluster.ts'
import { readReport, type SpecResult } from './specs.ts'

export interface SuiteRun {
  readonly kubeconfig: string
  /** Ginkgo's filters. */
  readonly focus?: string
  readonly skip?: string
  readonly labels: string
  readonly processes: number
  readonly folder: string
}

/** Runs a part of the official suite and tells what came of each spec. Throws when the suite itself could not run. */
export function runSuite(run: SuiteRun): { results: SpecResult[]; failures: ReadonlyMap<string, string> } {
  mkdirSync(run.folder, { recursive: true })
  const log = openSync(join(run.folder, 'log.txt'), 'w')
  const filters = [...(run.focus ? [`--focus=${run.focus}`] : []), ...(run.skip ? [`--skip=${run.skip}`] : [])]
  spawnSync(
    join(kitFolder, 'bin/ginkgo'),
    [
      `--procs=${run.processes}`,
      `--label-filter=${run.labels}`,
      ...filters,
      '--timeout=24h',
      '--silence-skips',
      '--no-color',
      `--output-dir=${run.folder}`,
      '--json-report=report.json',
      join(kitFolder, 'bin/e2e.test'),
      '--',
      `--kubeconfig=${run.kubeconfig}`,
      `--kubectl-path=${join(kitFolder, 'bin/kubectl')}`,
      '--disable-log-dump',
    ],
    { stdio: ['ignore', log, log] },
  )
  closeSync(log)
  const report = join(run.folder, 'report.json')
  if (!existsSync(report)) throw new Error(`the suite did not run: see ${run.folder}/log.txt`)
  return readReport(readFileSync(report, 'utf8'))
}
