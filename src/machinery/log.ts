import { visibleText } from './visible-text.ts'

/** Structured logging. Values of secrets, tokens and keys are never passed to it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  readonly level: LogLevel
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose lines carry these fields too, e.g. `{component: 'scheduler'}`. */
  child(fields: LogFields): Logger
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

function printable(value: unknown): string {
  const text =
    value instanceof Error
      ? (value.stack ?? value.message)
      : typeof value === 'string'
        ? value
        : (JSON.stringify(value) ?? String(value))
  // Control characters are escaped, so that nobody's data forges a line or drives a terminal.
  return /^[\w./:@-]+$/.test(text) ? text : visibleText(JSON.stringify(text))
}

/** Writes logfmt lines: `time=… level=info component=scheduler msg="bound pod" pod=default/a`. */
export function createLogger(options: {
  level: LogLevel
  write: (line: string) => void
  now: () => number
  fields?: LogFields
}): Logger {
  const { level, write, now, fields = {} } = options
  const log = (at: LogLevel, message: string, more: LogFields = {}) => {
    if (rank[at] < rank[level]) return
    let line = `time=${new Date(now()).toISOString()} level=${at}`
    for (const [name, value] of Object.entries(fields)) line += ` ${name}=${printable(value)}`
    line += ` msg=${printable(message)}`
    for (const [name, value] of Object.entries(more)) if (value !== undefined) line += ` ${name}=${printable(value)}`
    write(`${line}\n`)
  }
  return {
    level,
    debug: (message, more) => log('debug', message, more),
    info: (message, more) => log('info', message, more),
    warn: (message, more) => log('warn', message, more),
    error: (message, more) => log('error', message, more),
    child: (more) => createLogger({ ...options, fields: { ...fields, ...more } }),
  }
}

export const silentLogger: Logger = createLogger({ level: 'error', write: () => {}, now: () => 0 })
