/**
 * `npm run kubectl`: types the commands of conformance/kubectl/commands.txt at upstream's API server and at Skiff's, both
 * under upstream's controllers and scheduler (--all: Skiff's under Skiff's own), and compares what kubectl prints. `--port N`: the first of ten ports.
 * Ends with `N commands, M explained, K unexplained differences`.
 */
import { parseArgs } from 'node:util'
import { buildKit } from './suite/cluster.ts'
import { differingLines, explainedCommands, runTable, tableCommands, type TableAnswer } from './suite/kubectl-table.ts'
import { startSwapCluster, type SwapName } from './suite/swap.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '19743' }, all: { type: 'boolean', default: false } },
})
const commands = tableCommands()
const explained = explainedCommands()

function answersOf(swap: SwapName, port: number): TableAnswer[] {
  const cluster = startSwapCluster(swap, port)
  try {
    return runTable(cluster.kubeconfig, commands)
  } finally {
    cluster.stop()
  }
}

buildKit()
const upstream = answersOf('none', Number(values.port))
const ours = answersOf(values.all ? 'all' : 'apiserver', Number(values.port) + 5)
const counts = { explained: 0, unexplained: 0 }
for (const [index, { text }] of commands.entries()) {
  const [theirs, mine] = [upstream[index]!, ours[index]!]
  if (theirs.code === mine.code && theirs.output === mine.output) continue
  if (explained.has(text)) {
    counts.explained++
    continue
  }
  counts.unexplained++
  console.log(`\nkubectl ${text}  (exit codes ${theirs.code} and ${mine.code})`)
  for (const line of differingLines(theirs.output, mine.output).slice(0, 20)) console.log(`  ${line.slice(0, 200)}`)
}
console.log(
  `\n${commands.length} commands, ${counts.explained} explained, ${counts.unexplained} unexplained differences`,
)
if (counts.unexplained > 0) process.exitCode = 1
