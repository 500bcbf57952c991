import { type ApiError, internalError } from '../../../machinery/errors.ts'

/** A webhook could not be asked, or answered nonsense: what failurePolicy is about. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError'
  constructor(webhook: string, why: string, options?: ErrorOptions) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`, options)
  }
  /** The refusal of a webhook that fails closed. */
  refusal(): ApiError {
    return internalError(this)
  }
}
