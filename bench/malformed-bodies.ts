/**
 * `scripts/with-node bench/malformed-bodies.ts`: the CPU time that the API server takes to refuse each malformed body that
 * its tests know (src/apiserver/malformed-bodies), the client's share in the same process included: the slowest of each
 * content type, the median, and what memory has grown by. Bar: < 100 ms each, flat memory.
 */
import { Agent } from 'node:http'
import { ask } from '../src/apiserver/malformed-bodies/ask.fixture.ts'
import { malformed } from '../src/apiserver/malformed-bodies/bodies.fixture.ts'
import { victims } from '../src/apiserver/malformed-bodies/case.fixture.ts'
import { openServer } from '../src/apiserver/open-server.fixture.ts'

const rounds = 3
await using open = await openServer({ listen: { addresses: ['127.0.0.1'], port: 0 } })
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const server = { host: '127.0.0.1', port: open.server.port, agent }
const headers = { 'content-type': 'application/json' }
for (const { path, object } of victims) {
  await ask(server, { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(object)) })
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const least = new Map<string, number>()
let residentBytes = 0
for (let round = 0; round < rounds; round++) {
  for (const body of malformed) {
    const before = cpuMs()
    await ask(server, body)
    least.set(body.name, Math.min(least.get(body.name) ?? Number.POSITIVE_INFINITY, cpuMs() - before))
  }
  // The first round loads code, and lets buffers grow.
  if (round === 0) residentBytes = process.memoryUsage.rss()
}
agent.destroy()

const types = Map.groupBy([...least], ([name]) => name.slice(0, name.indexOf(':')))
for (const [type, times] of types) {
  const sorted = times.toSorted(([, a], [, b]) => b - a)
  const [slowest, ms] = sorted[0]!
  const median = sorted[Math.floor(sorted.length / 2)]![1]
  console.log(
    `${type}\t${times.length} bodies\tmedian ${median.toFixed(1)} ms\tslowest ${ms.toFixed(1)} ms (${slowest})`,
  )
}
const grownMiB = (process.memoryUsage.rss() - residentBytes) / 2 ** 20
console.log(`memory after the first of ${rounds} rounds: ${grownMiB.toFixed(1)} MiB more`)
