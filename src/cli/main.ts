import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { buildFolder, packageFolder } from '../machinery/program-files.ts'
import { tellSourcePositions } from './built/tell-source-positions.ts'

// Compiled code is kept beside the build or the dependencies: the second start does not compile again.
enableCompileCache(
  buildFolder === undefined ? join(packageFolder, 'node_modules/.cache/skiff') : join(buildFolder, 'compiled'),
)
if (buildFolder !== undefined) tellSourcePositions(buildFolder)
const { runCommand } = await import('./command/run-command.ts')
const { skiff } = await import('./skiff.ts')

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C means: now.
    if (stop.signal.aborted && signal === 'SIGINT') process.exit(130)
    stop.abort()
  })
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe (`| head`) has gone: nothing is left to say.
  if (error.code === 'EPIPE') process.exit(0)
})

process.exitCode = await runCommand(skiff, process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  env: process.env,
  signal: stop.signal,
  interactive: process.stdout.isTTY === true,
})
// Whatever still listens or waits was stopped by its command; nothing may keep a finished command alive.
process.exit()
