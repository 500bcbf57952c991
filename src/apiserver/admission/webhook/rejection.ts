import { ApiError, badRequest, type Status } from '../../../machinery/errors.ts'

/** A webhook said no: its status, made sure to be a refusal (apiserver pkg/admission/plugin/webhook/errors/statuserror.go). */
export function rejection(webhook: string, result: Readonly<Record<string, unknown>> | undefined): ApiError {
  const status = (result ?? {}) as Partial<Status>
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = status.message || status.reason
  const code = typeof status.code === 'number' && status.code >= 400 ? status.code : 400
  return new ApiError({
    code,
    reason: status.reason || undefined,
    details: status.details,
    metadata: status.metadata,
    message: why ? `${denied}: ${why}` : `${denied} without explanation`,
  })
}

export function dryRunUnsupported(webhook: string): ApiError {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
}
