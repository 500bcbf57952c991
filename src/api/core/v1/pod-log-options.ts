import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'

/** What of a container's log is wanted (core/v1 PodLogOptions). */
export interface LogOptions {
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  readonly limitBytes?: number
  /** Epoch milliseconds; older lines are left out. */
  readonly sinceMs?: number
  readonly stream: 'All' | 'Stdout' | 'Stderr'
}

const flag = (value: string | null): boolean => value !== null && !/^(0|f|false)$/i.test(value)

/** Reads the query of a log request; the errors are upstream's (pkg/apis/core/validation ValidatePodLogOptions). */
export function parseLogOptions(query: URLSearchParams, nowMs: number): { options: LogOptions; errors: FieldError[] } {
  const errors: FieldError[] = []
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      errors.push(fieldErrors.invalid(name, text, 'must be an integer'))
      return undefined
    }
    return value
  }
  const tailLines = query.get('tail') === 'all' ? undefined : (number('tail') ?? number('tailLines'))
  if (tailLines !== undefined && tailLines < 0)
    errors.push(fieldErrors.invalid('tailLines', tailLines, 'must be greater than or equal to 0'))
  const limitBytes = number('limitBytes')
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(fieldErrors.invalid('limitBytes', limitBytes, 'must be greater than 0'))
  const sinceSeconds = number('sinceSeconds')
  const sinceTime = query.get('sinceTime')
  if (sinceSeconds !== undefined && sinceTime)
    errors.push(fieldErrors.forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(fieldErrors.invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  const stream = (query.get('stream') || 'All') as LogOptions['stream']
  if (!['All', 'Stdout', 'Stderr'].includes(stream))
    errors.push(fieldErrors.notSupported('stream', stream, ['All', 'Stderr', 'Stdout']))
  else if (stream !== 'All' && tailLines !== undefined)
    errors.push(fieldErrors.forbidden('[]', '`tailLines` and specific `stream` are mutually exclusive for now'))
  const sinceMs =
    sinceSeconds !== undefined ? nowMs - sinceSeconds * 1000 : sinceTime ? Date.parse(sinceTime) : undefined
  return {
    options: {
      follow: flag(query.get('follow')),
      previous: flag(query.get('previous')),
      timestamps: flag(query.get('timestamps')),
      tailLines,
      limitBytes,
      sinceMs,
      stream,
    },
    errors,
  }
}
