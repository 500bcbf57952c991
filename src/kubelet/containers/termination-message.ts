import { open } from 'node:fs/promises'
import type { ContainerStatus } from '../runtimes/types.ts'
import { readLog } from '../logs/read-log.ts'
import type { Clock } from '../../machinery/clock.ts'
import { containerMarks } from './labels.ts'

const maxMessageBytes = 4096
const maxLogBytes = 2048
const maxLogLines = 80

/**
 * What an ended container had to say: the end of its termination file, or of its log where its policy falls back to
 * it (upstream: kuberuntime_container.go, getTerminationMessage).
 */
export async function terminationMessage(status: ContainerStatus, clock: Clock): Promise<string> {
  const marks = containerMarks(status.annotations)
  const fallback = marks.fallbackToLogs && status.exitCode !== 0 && status.reason !== 'ContainerCannotRun'
  const path = absolute(marks.terminationMessagePath)
  const mount = path === '' ? undefined : status.mounts.find(({ containerPath }) => containerPath === path)
  if (mount !== undefined) {
    try {
      const text = await tail(mount.hostPath, maxMessageBytes)
      if (text !== '' || !fallback) return text
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        return `Error on reading termination log ${mount.hostPath}: ${(error as Error).message}`
      }
    }
  }
  return fallback ? logEnd(status.logPath, clock) : ''
}

const absolute = (path: string) => (path === '' || path.startsWith('/') ? path : `/${path}`)

async function tail(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const length = Math.min(size, bytes)
    const buffer = Buffer.alloc(length)
    await file.read(buffer, 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}

async function logEnd(path: string, clock: Clock): Promise<string> {
  const chunks: Buffer[] = []
  try {
    const options = {
      follow: false,
      previous: false,
      timestamps: false,
      stream: 'All',
      tailLines: maxLogLines,
    } as const
    for await (const chunk of readLog(path, options, { running: async () => false, clock })) chunks.push(chunk)
  } catch (error) {
    return `Error on reading termination message from logs: ${(error as Error).message}`
  }
  return Buffer.concat(chunks).subarray(-maxLogBytes).toString('utf8')
}
