import { Overloaded } from './fairness/overloaded.ts'
import { ApiError, PageNotFound, serviceUnavailable, type Status } from '../machinery/errors.ts'
import type { Logger } from '../machinery/log.ts'
import { Compacted, StoreUnavailable } from '../store/store.ts'
import type { ObjectAnswer } from './answer.ts'

/** Any error as the Status that the client gets (handlers/responsewriters/status.go, ErrorToAPIStatus). */
export function errorAnswer(error: unknown, log: Logger, path: string): ObjectAnswer {
  const status = statusOf(error)
  if (status.code >= 500 && !(error instanceof ApiError)) log.error('request failed', { path, error })
  const plain =
    error instanceof PageNotFound
      ? { plain: '404 page not found\n' }
      : error instanceof Overloaded
        ? { plain: `${error.message}\n` }
        : {}
  return { type: 'object', code: status.code, object: status, ...plain }
}

function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status
  if (error instanceof StoreUnavailable) return serviceUnavailable(error.message).status
  if (error instanceof Compacted) return new ApiError({ code: 410, reason: 'Expired', message: error.message }).status
  const message = error instanceof Error ? error.message : String(error)
  return new ApiError({ code: 500, message }).status
}
