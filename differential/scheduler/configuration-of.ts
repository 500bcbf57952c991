/** What `skiff scheduler --config FILE --write-config-to FILE` does, without the rest of the command line: quick to start. */
import { parseArgs } from 'node:util'
import { readConfiguration, writeConfiguration } from '../../src/cluster/alone/scheduler-configuration.ts'
import { systemClock } from '../../src/machinery/clock.ts'

const { values } = parseArgs({ options: { config: { type: 'string' }, 'write-config-to': { type: 'string' } } })
try {
  const flags = { file: values.config ?? '', leaderElection: {}, clientConnection: {} }
  writeConfiguration(readConfiguration(flags, systemClock), values['write-config-to'] ?? '')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
