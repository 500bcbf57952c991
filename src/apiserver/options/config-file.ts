import { readFileSync } from 'node:fs'
import { parseYaml } from '../../machinery/codec/yaml/parse-yaml.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'
import { object, type Shape, string } from './config-shape.ts'

/** A kind of configuration file, in the versions that mean the same. */
export interface ConfigKind<T> {
  readonly apiVersions: readonly string[]
  readonly kind: string
  readonly shape: Shape<T>
}

/** Reads YAML or JSON strictly. Throws an Error that says what is wrong with it. */
export function readConfig<T>(text: string, kind: ConfigKind<T>): T {
  return readConfigValue(parseYaml(text).value, kind)
}

/** As {@link readConfig}, of what was decoded already. */
export function readConfigValue<T>(value: unknown, { apiVersions, kind, shape }: ConfigKind<T>): T {
  if (!isObject(value)) throw new Error(`it holds no ${kind}`)
  const { apiVersion = '', kind: ownKind = '', ...members } = value
  if (ownKind !== kind || !apiVersions.includes(String(apiVersion)))
    throw new Error(
      `no kind ${goQuote(String(ownKind))} is registered for version ${goQuote(String(apiVersion))}: must be ${kind} of ${apiVersions.join(' or ')}`,
    )
  const unknownFields: string[] = []
  const read = shape.read(members, '', unknownFields)
  if (unknownFields.length > 0)
    throw new Error(
      `strict decoding error: ${unknownFields.map((name) => `unknown field ${goQuote(name)}`).join(', ')}`,
    )
  return read
}

/** Whether a text says that it is of a kind. */
export function isConfigOf(value: unknown, { kind }: Pick<ConfigKind<unknown>, 'kind'>): boolean {
  return isObject(value) && object({ kind: string }).read({ kind: value['kind'] }, '', []).kind === kind
}

/** The text of a file. Throws an Error that names it. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`failed to read file path ${goQuote(path)}: ${(error as Error).message}`, { cause: error })
  }
}
