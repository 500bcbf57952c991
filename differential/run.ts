/**
 * `npm run differential [-- --kind WORD] [--gates all|none] [--verbose] [--show N]`: sends the same requests to a real kube-apiserver with
 * etcd and to Skiff's API server, no controllers on either side, and compares status codes, bodies and headers. Needs
 * upstream's binaries (conformance/kit/build.sh). Writes what differs, by cause, to differential/report.txt and exits
 * with 1 unless every difference is explained (explained.ts).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/machinery/clock.ts'
import { allPhases } from './cases/phases.ts'
import { runPhases } from './compare/run-cases.ts'
import { declaredObjects } from './objects.ts'
import { grouped, reportText } from './report.ts'
import { clientOf } from './servers/client.ts'
import { gateSettings } from './servers/server.ts'
import { startSkiff } from './servers/skiff.ts'
import { startUpstream } from './servers/upstream.ts'

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    gates: { type: 'string', default: 'released' },
    verbose: { type: 'boolean' },
    show: { type: 'string', default: '20' },
    port: { type: 'string' },
    report: { type: 'string' },
  },
})
const gates = gateSettings[values.gates]
if (gates === undefined) throw new Error(`--gates is one of ${Object.keys(gateSettings).join(', ')}`)
const port = Number(values.port ?? 29_000 + (process.pid % 900))
const folder = mkdtempSync(join(tmpdir(), 'skiff-differential-'))
const upstream = startUpstream(join(folder, 'upstream'), port, gates)
const skiff = await startSkiff(join(folder, 'skiff'), port + 5, gates)
const clients = [clientOf(upstream), clientOf(skiff)] as const
try {
  const phases = allPhases(declaredObjects(systemClock.now())).map((phase) => ({
    ...phase,
    cases: phase.cases.filter(({ kind, name }) => kind === 'setup' || `${kind} ${name}`.includes(values.kind ?? '')),
  }))
  const side = (index: 0 | 1) => ({ send: clients[index].send, memory: new Map<string, unknown>() })
  const outcomes = await runPhases(phases, side(0), side(1))
  const groups = grouped(outcomes)
  const shown = Number(values.show)
  console.log(reportText(groups.slice(0, shown), values.verbose === true ? Number.POSITIVE_INFINITY : 1))
  if (groups.length > shown) console.log(`and ${groups.length - shown} more causes`)
  const report = values.report ?? join(import.meta.dirname, 'report.txt')
  writeFileSync(report, reportText(groups, Number.POSITIVE_INFINITY))
  const explained = outcomes.filter(({ reasons, differences }) => reasons.length > 0 && differences.length === 0)
  const unexplained = outcomes.filter(({ differences }) => differences.length > 0)
  for (const [reason, count] of counts(explained.flatMap(({ reasons }) => reasons))) console.log(`${count} × ${reason}`)
  console.log(`${outcomes.length} cases, ${explained.length} explained, ${unexplained.length} unexplained`)
  process.exitCode = unexplained.length > 0 ? 1 : 0
} finally {
  for (const client of clients) client.close()
  await Promise.all([upstream.stop(), skiff.stop()])
  rmSync(folder, { recursive: true, force: true })
}

function counts(words: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1)
  return found
}
