import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import type { ProgressEvent } from '../../cluster/progress.ts'
import type { ClusterPaths } from '../../cluster/state/paths.ts'
import { programFile } from '../../machinery/program-files.ts'
import { CommandError, type Invocation } from '../command/command.ts'
import { showProgress } from '../show-progress.ts'

interface Message {
  readonly progress?: ProgressEvent
  /** The closing words; the cluster is ready. */
  readonly ready?: string
}

/** Runs the same `skiff up` in a process of its own, shows its progress here, and leaves it when it is ready. */
export async function runDetached(paths: ClusterPaths, invocation: Invocation): Promise<number> {
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 })
  const log = openSync(paths.log('skiff'), 'a', 0o600)
  const args = process.argv.slice(2).filter((arg) => !/^(--detach(=.*)?|-d)$/.test(arg))
  const child = spawn(process.execPath, [...process.execArgv, programFile('cli/main.ts'), ...args], {
    detached: true,
    // Its folder stays the user's, for flags may name files from there.
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const show = showProgress({ write: invocation.stdout, interactive: invocation.interactive })
  const stop = () => child.kill('SIGTERM')
  invocation.signal.addEventListener('abort', stop)
  const outcome = await new Promise<{ ready: string } | { code: number | null }>((resolve) => {
    child.on('message', (message: Message) => {
      if (message.progress) show(message.progress)
      if (message.ready !== undefined) resolve({ ready: message.ready })
    })
    child.once('exit', (code) => resolve({ code }))
  })
  invocation.signal.removeEventListener('abort', stop)
  if ('code' in outcome)
    throw new CommandError(`the cluster did not start${lastLine(paths)}`, { exitCode: outcome.code || 1 })
  child.disconnect()
  child.unref()
  invocation.stdout(`${outcome.ready}\nIt runs in the background (process ${child.pid}); skiff down ends it.\n`)
  return 0
}

/** What the process said before it ended, which is its own clear error. */
function lastLine(paths: ClusterPaths): string {
  const text = readLog(paths)
  const line = text
    .trimEnd()
    .split('\n')
    .findLast((one) => one.startsWith('skiff: '))
  return line === undefined ? `: see ${paths.log('skiff')}` : `: ${line.slice('skiff: '.length)}`
}

function readLog(paths: ClusterPaths): string {
  try {
    return readFileSync(paths.log('skiff'), 'utf8')
  } catch {
    return ''
  }
}
