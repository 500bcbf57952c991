import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { badRequest } from '../../machinery/errors.ts'

/** The body of a server-side apply: YAML, of which JSON is a part. Throws BadRequest. */
export async function readYamlPatch(
  text: string,
): Promise<{ readonly value: unknown; readonly strictErrors: readonly string[] }> {
  const { duplicatesMessage, parseYaml } = await import('../../machinery/codec/yaml/parse-yaml.ts')
  try {
    const { value, duplicates } = parseYaml(text)
    return { value, strictErrors: duplicates.length === 0 ? [] : [duplicatesMessage(duplicates)] }
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`error decoding patch: ${error.message}`)
    throw error
  }
}
