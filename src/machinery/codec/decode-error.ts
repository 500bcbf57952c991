/** A body that cannot be read at all; the message is that of upstream's decoder, without the request's context. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** The error of a strict decoder that found `errors` (runtime.NewStrictDecodingError). */
export function strictDecodingMessage(errors: readonly string[]): string {
  return `strict decoding error: ${errors.join(', ')}`
}
