import { badRequest } from '../../machinery/errors.ts'
import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { parseJson } from '../../machinery/codec/json/decode.ts'

/** The body of a server-side apply: YAML, of which JSON is a part. Throws BadRequest. */
export function readStrictYaml(text: string): { readonly value: unknown; readonly strictErrors: readonly string[] } {
  try {
    return { value: parseJson(text), strictErrors: [] }
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`error decoding patch: ${error.message}`)
    throw error
  }
}
