import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { badRequest } from '../../machinery/errors.ts'

/** The body of a server-side apply: YAML, of which JSON is a part. Throws BadRequest. */
export async function readYamlPatch(bytes: Uint8Array): Promise<{
  readonly value: unknown
  /** What a warning says of each key that is there twice. */
  readonly duplicates: readonly string[]
  /** What a strict reader says of all of them. */
  readonly strictErrors: readonly string[]
}> {
  const { duplicatesMessage, parseYaml } = await import('../../machinery/codec/yaml/parse-yaml.ts')
  const { checkJsonNesting } = await import('../../machinery/codec/yaml/yaml-nesting.ts')
  const { yamlText } = await import('../../machinery/codec/yaml/yaml-fault.ts')
  try {
    const text = yamlText(bytes)
    const { value, duplicates } = parseYaml(text)
    checkJsonNesting(text, value)
    const errors = duplicates.length === 0 ? [] : [`error converting YAML to JSON: ${duplicatesMessage(duplicates)}`]
    return { value, duplicates, strictErrors: errors }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    // What looks like JSON is not made JSON first, and fails a step later (handlers/patch.go).
    const step = looksLikeJson(bytes) ? 'error decoding patch: error converting YAML to JSON' : 'error encoding patch'
    throw badRequest(`${step}: ${error.message}`)
  }
}

function looksLikeJson(bytes: Uint8Array): boolean {
  return bytes.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) === 0x7b
}
