import type { Clock } from '../../machinery/clock.ts'
import { ApiError, badRequest } from '../../machinery/errors.ts'
import { errorText, fieldErrors, goQuote } from '../../machinery/field-error.ts'
import type { StoreFeed } from '../cache/store-feed.ts'

const maxUint64 = 2n ** 64n - 1n

/**
 * A revision from a query; 0 for '' and '0' (apiserver pkg/storage/api_object_versioner.go). One that is larger than any
 * revision here will be is as large a number as there is. Throws what upstream answers: 500.
 */
export function parseResourceVersion(text: string): number {
  if (text === '' || text === '0') return 0
  let why = 'invalid syntax'
  if (/^\d+$/.test(text)) {
    const value = Number(text)
    if (Number.isSafeInteger(value)) return value
    if (BigInt(text) <= maxUint64) return value
    why = 'value out of range'
  }
  const detail = `strconv.ParseUint: parsing ${goQuote(text)}: ${why}`
  throw new ApiError({ code: 500, message: errorText(fieldErrors.invalid('resourceVersion', text, detail)) })
}

/** A client is ahead of the server: 504 that says so (storage.NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(wanted: number, current: number, retryAfterSeconds?: number): ApiError {
  return new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  })
}

/**
 * Waits until the caches have reached `revision`, three seconds at most, which lets a client that read from a faster
 * server go on here. Throws Timeout.
 */
export async function reach(revision: number, { feed, clock }: { feed: StoreFeed; clock: Clock }): Promise<void> {
  if (revision <= feed.revision) return
  await feed.caughtUp()
  const reached = feed.reached(revision)
  if (reached === undefined) return
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(3000, () => reject(tooLargeResourceVersion(revision, feed.revision, 1)))
    void reached.then(() => {
      cancel()
      resolve()
    })
  })
}

/** Reads refuse what is no version as the client's fault where upstream asks etcd itself. */
export function clientResourceVersion(text: string): number {
  try {
    return parseResourceVersion(text)
  } catch (error) {
    throw badRequest(`invalid resource version: ${(error as Error).message}`, { cause: error })
  }
}

/** What upstream reads from etcd knows no waiting (etcd3/store.go validateMinimumResourceVersion). Throws Timeout. */
export function mustBeReached(revision: number, { feed }: { feed: StoreFeed }): void {
  if (revision > feed.revision) throw tooLargeResourceVersion(revision, feed.revision)
}

export function continueError(detail: string): ApiError {
  return badRequest(`invalid continue token: ${detail}`)
}
