/**
 * `npm run bench [-- CASE ...]`: prints the table of figures, upstream beside Skiff where its binaries are present (built by
 * `npm run conformance`). Both run on this machine in turn, one at a time, RUNS times (default 3); the median counts.
 * Same durability, TLS, RBAC, admission and fairness on for both. Needs Go for the load generator.
 */
import { cases } from './compare/cases.ts'
import { kload, skiffServer, upstreamServer, type Server } from './compare/server.ts'

const wanted = process.argv.slice(2)
const runs = Number(process.env['RUNS'] ?? 3)
const chosen = cases.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
const load = kload()
const figures = new Map<string, Map<string, number[]>>()

async function measure(server: Server): Promise<void> {
  const startMs = server.start()
  try {
    for (const { name, measure: one } of chosen) {
      const value = await Promise.resolve()
        .then(() => one(server, load, startMs))
        .catch((error: unknown) => {
          console.error(`${server.name}: ${name}: ${(error as Error).message}`)
          return Number.NaN
        })
      const row = figures.get(name) ?? new Map<string, number[]>()
      row.set(server.name, [...(row.get(server.name) ?? []), value])
      figures.set(name, row)
      if (!Number.isNaN(value)) console.error(`${server.name.padEnd(9)} ${name}: ${value.toFixed(1)}`)
    }
  } finally {
    server.stop()
  }
}

for (let run = 0; run < runs; run++) {
  await measure(skiffServer())
  const upstream = upstreamServer()
  if (upstream) await measure(upstream)
}

const median = (values: readonly number[] = []): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const shown = (value: number): string =>
  Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(1)
console.log(`\nMedians of ${runs} runs\n`)
console.log(`| what | bar | skiff | upstream | skiff ÷ upstream |\n| --- | --- | --- | --- | --- |`)
for (const { name, unit, bar } of chosen) {
  const ours = median(figures.get(name)?.get('skiff'))
  const theirs = median(figures.get(name)?.get('upstream'))
  console.log(
    `| ${name} (${unit}) | ${bar} | ${shown(ours)} | ${shown(theirs)} | ${Number.isNaN(theirs) ? '–' : (ours / theirs).toFixed(2)} |`,
  )
}
