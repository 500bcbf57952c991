import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { MetricDescription } from '../../machinery/metrics.ts'
import type { Absences } from './absent-metrics.ts'

/** What a part of v1.37.1 was seen to serve at /metrics: type, name, labels; without those of Go's runtime. */
function upstreamMetrics(part: string): readonly MetricDescription[] {
  const text = readFileSync(new URL(`${part}.metrics.tsv`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [type, name = '', labels = ''] = line.split('\t')
      return { type: type as MetricDescription['type'], name, labelNames: labels === '' ? [] : labels.split(',') }
    })
}

/** Every name is served with its type and labels or explained, and no explanation is left over. */
export function assertUpstreamNames(part: string, served: readonly MetricDescription[], absences: Absences): void {
  const ours = new Map(served.map((description) => [description.name, description]))
  const used = new Set<string>()
  const problems: string[] = []
  for (const { name, type, labelNames } of upstreamMetrics(part)) {
    const found = ours.get(name)
    const key = Object.keys(absences).find((each) =>
      each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each,
    )
    if (key !== undefined) used.add(key)
    if (found === undefined) {
      if (key === undefined) problems.push(`${name} is missing`)
      continue
    }
    if (key !== undefined) problems.push(`${name} is served, though its absence is explained`)
    if (found.type !== type) problems.push(`${name} is a ${found.type}, not a ${type}`)
    const wanted = labelNames.join()
    // A counter without series upstream tells no labels.
    if (wanted !== '' && found.labelNames.toSorted().join() !== wanted)
      problems.push(`${name} has the labels ${found.labelNames.toSorted().join()}, not ${wanted}`)
  }
  assert.deepEqual(problems, [])
}
