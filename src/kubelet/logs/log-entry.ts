/** One line of a container's log file: `2026-01-01T00:00:00.000000000Z stdout F message` (KEP: CRI log format). */
export interface LogEntry {
  /** Nanosecond RFC 3339 as the runtime wrote it, its zone included. */
  readonly timestamp: string
  readonly epochMs: number
  readonly stream: 'stdout' | 'stderr'
  /** With its newline, unless the line was cut into parts and this is not the last. */
  readonly message: Buffer
}

const space = 0x20
const newline = 0x0a

/** Reads one line, newline included; undefined when it is none of the format. */
export function parseLogEntry(line: Buffer): LogEntry | undefined {
  const first = line.indexOf(space)
  const second = line.indexOf(space, first + 1)
  const third = line.indexOf(space, second + 1)
  if (first < 0 || second < 0 || third < 0) return undefined
  const timestamp = line.toString('latin1', 0, first)
  const epochMs = Date.parse(timestamp)
  const stream = line.toString('latin1', first + 1, second)
  if (Number.isNaN(epochMs) || (stream !== 'stdout' && stream !== 'stderr')) return undefined
  const partial = line[second + 1] === 0x50 && (third === second + 2 || line[second + 2] === 0x3a) // P, or P:other-tags
  const end = partial && line.at(-1) === newline ? line.length - 1 : line.length
  return { timestamp, epochMs, stream, message: line.subarray(third + 1, end) }
}

/** The timestamp with exactly nine fractional digits, as `kubectl logs --timestamps` shows it. */
export function formatLogTimestamp(timestamp: string): string {
  const match = /^(.*?:\d\d:\d\d)(?:\.(\d+))?(.*)$/.exec(timestamp)
  return match === null ? timestamp : `${match[1]}.${(match[2] ?? '').padEnd(9, '0').slice(0, 9)}${match[3]}`
}
