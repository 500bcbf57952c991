/**
 * `npm run conformance -- [FOCUS] [options]`: runs the official suite of Kubernetes v1.37.1 against Skiff.
 *
 *   FOCUS               a regular expression of spec names; none: every conformance spec
 *   --green             exactly the specs known green (conformance/green.txt); any failure is a regression
 *   --slice-seconds N   with --green: only a slice that took upstream about N seconds; another one with each commit
 *   --kubeconfig FILE   a cluster that runs already (default: two nodes are started and ended again)
 *   --procs N           specs at once (default 6); [Serial] specs always run alone
 *   --record            add what passed to the green list
 *
 * Prints upstream's seconds beside ours, and closes with the counts.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildKit, kitFolder, startSuiteCluster } from './suite/cluster.ts'
import { runSuite, type SuiteRun } from './suite/run-suite.ts'
import { focusOf, formatResults, isSerial, parseResults, sliceOf, type SpecResult } from './suite/specs.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    green: { type: 'boolean' },
    'slice-seconds': { type: 'string' },
    kubeconfig: { type: 'string' },
    procs: { type: 'string', default: '6' },
    skip: { type: 'string' },
    record: { type: 'boolean' },
  },
})

const greenFile = join(import.meta.dirname, 'green.txt')
const green = parseResults(readFileSync(greenFile, 'utf8')).map((spec) => spec.name)
const baseline = new Map(
  parseResults(readFileSync(join(import.meta.dirname, 'baseline.tsv'), 'utf8')).map((spec) => [
    spec.name,
    spec.seconds,
  ]),
)

function chosenNames(): string[] | undefined {
  if (!values.green) return undefined
  if (values['slice-seconds'] === undefined) return green
  const commits =
    Number(
      spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).stdout.trim(),
    ) || 0
  return sliceOf(green, (name) => Math.max(1, baseline.get(name) ?? 10), Number(values['slice-seconds']), commits)
}

function runAll(kubeconfig: string): { results: SpecResult[]; failures: Map<string, string> } {
  const names = chosenNames()
  const folder = join(kitFolder, 'results', new Date().toISOString().replace(/[:.]/g, '-'))
  const base = { kubeconfig, skip: values.skip, folder }
  const parts: SuiteRun[] = []
  if (names === undefined) {
    const focus = positionals[0]
    parts.push({ ...base, focus, labels: 'Conformance && !Serial', processes: Number(values.procs) })
    parts.push({ ...base, focus, labels: 'Conformance && Serial', processes: 1, folder: `${folder}-serial` })
  } else {
    const parallel = names.filter((name) => !isSerial(name))
    const serial = names.filter(isSerial)
    if (parallel.length > 0)
      parts.push({ ...base, focus: focusOf(parallel), labels: 'Conformance', processes: Number(values.procs) })
    if (serial.length > 0)
      parts.push({ ...base, focus: focusOf(serial), labels: 'Conformance', processes: 1, folder: `${folder}-serial` })
  }
  const results: SpecResult[] = []
  const failures = new Map<string, string>()
  for (const part of parts) {
    const outcome = runSuite(part)
    results.push(...outcome.results)
    for (const [name, why] of outcome.failures) failures.set(name, why)
  }
  writeFileSync(join(folder, 'results.tsv'), formatResults(results))
  console.log(`results in ${folder}`)
  return { results, failures }
}

buildKit()
const cluster =
  values.kubeconfig === undefined ? startSuiteCluster() : { kubeconfig: values.kubeconfig, stop: () => {} }
try {
  const { results, failures } = runAll(cluster.kubeconfig)
  for (const { name, outcome, seconds } of results) {
    const upstream = baseline.get(name)
    console.log(
      `${outcome.padEnd(7)} ${String(seconds).padStart(4)} s  (upstream ${upstream === undefined ? '  ?' : String(upstream).padStart(3)} s)  ${name}`,
    )
  }
  for (const [name, why] of failures) console.log(`\nFAILED ${name}\n  ${why.split('\n').slice(0, 12).join('\n  ')}`)
  const count = (outcome: SpecResult['outcome']) => results.filter((spec) => spec.outcome === outcome).length
  if (values.record) {
    const all = [
      ...new Set([...green, ...results.filter((spec) => spec.outcome === 'passed').map((spec) => spec.name)]),
    ].toSorted()
    writeFileSync(greenFile, all.map((name) => `${name}\n`).join(''))
    console.log(`\n${all.length} specs on the green list`)
  }
  console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
  if (count('failed') > 0 || results.length === 0) process.exitCode = 1
} finally {
  cluster.stop()
}
