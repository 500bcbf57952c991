/**
 * `npm run conformance -- [FOCUS] [options]`: runs the official suite of Kubernetes v1.37.1 against Skiff.
 *
 *   FOCUS               a regular expression of spec names; none: every conformance spec
 *   --green             exactly the specs known green (conformance/green.txt); any failure is a regression
 *   --slice-seconds N   with --green: only a slice that took upstream about N seconds; another one with each commit
 *   --kubeconfig FILE   a cluster that runs already (default: two nodes are started and ended again)
 *   --procs N           specs at once (default 6); [Serial] specs always run alone
 *   --build             only build what the suite needs
 *   --red               exactly the specs that upstream passes and that are not on the green list yet
 *   --second-chance     run up to five failed specs once more, alone; those that pass then are told as flakes
 *   --record            add what passed to the green list
 *   --swap PART         half Skiff, half upstream, on simulated nodes: the specs of conformance/nodeless.txt, unless FOCUS
 *                       is given. PART is ours: apiserver, or controllers (and scheduler); none: all upstream's; all: all
 *                       Skiff's, each part a process
 *   --port N            with --swap: the first of five ports on loopback (default 19643)
 *
 * Prints upstream's seconds beside ours, and closes with the counts.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildKit, kitFolder, startSuiteCluster, type SuiteCluster } from './suite/cluster.ts'
import { isSwap, startSwapCluster, swaps } from './suite/swap.ts'
import { runSuite, type SuiteRun } from './suite/run-suite.ts'
import { focusOf, formatResults, isSerial, parseResults, sliceOf, type SpecResult } from './suite/specs.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    green: { type: 'boolean' },
    red: { type: 'boolean' },
    build: { type: 'boolean' },
    'slice-seconds': { type: 'string' },
    kubeconfig: { type: 'string' },
    procs: { type: 'string', default: '6' },
    skip: { type: 'string' },
    record: { type: 'boolean' },
    'second-chance': { type: 'boolean' },
    swap: { type: 'string' },
    port: { type: 'string', default: '19643' },
  },
})

const most = { secondChances: 5 }

const greenFile = join(import.meta.dirname, 'green.txt')
const green = parseResults(readFileSync(greenFile, 'utf8')).map((spec) => spec.name)
const baseline = new Map(
  parseResults(readFileSync(join(import.meta.dirname, 'baseline.tsv'), 'utf8')).map((spec) => [
    spec.name,
    spec.seconds,
  ]),
)

const nodelessFile = join(import.meta.dirname, 'nodeless.txt')

function chosenNames(): string[] | undefined {
  if (values.swap !== undefined && positionals.length === 0)
    return parseResults(readFileSync(nodelessFile, 'utf8')).map((spec) => spec.name)
  if (values.red) return [...baseline.keys()].filter((name) => !green.includes(name))
  if (!values.green) return undefined
  if (values['slice-seconds'] === undefined) return green
  const commits =
    Number(
      spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).stdout.trim(),
    ) || 0
  return sliceOf(green, (name) => Math.max(1, baseline.get(name) ?? 10), Number(values['slice-seconds']), commits)
}

interface Outcome {
  readonly results: readonly SpecResult[]
  readonly failures: ReadonlyMap<string, string>
}

function runParts(parts: readonly SuiteRun[]): Outcome {
  const outcomes = parts.map(runSuite)
  return {
    results: outcomes.flatMap(({ results }) => results),
    failures: new Map(outcomes.flatMap(({ failures }) => [...failures])),
  }
}

function partsOf(names: readonly string[] | undefined, base: Omit<SuiteRun, 'labels' | 'processes'>): SuiteRun[] {
  const processes = Number(values.procs)
  const alone = { processes: 1, folder: `${base.folder}-serial` }
  if (names === undefined) {
    const focus = positionals[0]
    return [
      { ...base, focus, labels: 'Conformance && !Serial', processes },
      { ...base, focus, labels: 'Conformance && Serial', ...alone },
    ]
  }
  const [serial, parallel] = [names.filter(isSerial), names.filter((name) => !isSerial(name))]
  return [
    ...(parallel.length > 0 ? [{ ...base, focus: focusOf(parallel), labels: 'Conformance', processes }] : []),
    ...(serial.length > 0 ? [{ ...base, focus: focusOf(serial), labels: 'Conformance', ...alone }] : []),
  ]
}

function runAll(kubeconfig: string): Outcome {
  const folder = join(kitFolder, 'results', new Date().toISOString().replace(/[:.]/g, '-'))
  const base = { kubeconfig, skip: values.skip, folder }
  const outcome = runParts(partsOf(chosenNames(), base))
  writeFileSync(join(folder, 'results.tsv'), formatResults([...outcome.results]))
  console.log(`results in ${folder}`)
  return values['second-chance'] ? withSecondChance(outcome, base) : outcome
}

/** Runs what failed once more, by itself: a spec that then passes is told as a flake and counts as passed. */
function withSecondChance(first: Outcome, base: Omit<SuiteRun, 'labels' | 'processes'>): Outcome {
  const red = first.results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
  if (red.length === 0 || red.length > most.secondChances) return first
  const again = runSuite({
    ...base,
    folder: `${base.folder}-again`,
    focus: focusOf(red),
    labels: 'Conformance',
    processes: 1,
  })
  const passed = new Map(again.results.filter(({ outcome }) => outcome === 'passed').map((spec) => [spec.name, spec]))
  for (const name of passed.keys()) console.log(`FLAKED ${name}\n  ${first.failures.get(name)?.split('\n')[0] ?? ''}`)
  return {
    results: first.results.map((spec) => passed.get(spec.name) ?? spec),
    failures: new Map([...first.failures].filter(([name]) => !passed.has(name))),
  }
}

function openCluster(): SuiteCluster {
  const { kubeconfig, swap } = values
  if (kubeconfig !== undefined) return { kubeconfig, stop: () => {} }
  if (swap === undefined) return startSuiteCluster()
  if (!isSwap(swap)) throw new Error(`--swap ${swap}: choose one of ${Object.keys(swaps).join(', ')}`)
  return startSwapCluster(swap, Number(values.port))
}

buildKit()
if (values.build) process.exit()
const cluster = openCluster()
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
