import { decodeObject, mediaTypes, NoSuchKind } from '../../machinery/codec/codec.ts'
import { DecodeError, strictDecodingMessage } from '../../machinery/codec/decode-error.ts'
import { decodeValue } from '../../machinery/codec/json/decode.ts'
import { jsonKind } from '../../machinery/codec/json/json-kind.ts'
import { printYaml } from '../../machinery/codec/yaml/print-yaml.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { setConfigurationDefaults } from './defaults.ts'
import { apiVersion, group, schemaOfKind } from './schema.ts'
import type { SchedulerConfiguration } from './types.ts'
import { validateConfiguration } from './validate.ts'

const kind = 'KubeSchedulerConfiguration'
type Draft = Record<string, unknown>

/** Go's type of what says of what kind a text is. */
const typeMeta = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

/** Where upstream names the scheme that knows the kinds. */
const scheme = 'in scheme "pkg/scheduler/apis/config/scheme/scheme.go:29"'

/**
 * Reads a KubeSchedulerConfiguration strictly, YAML or JSON, and completes it (cmd/kube-scheduler app/options/
 * configfile.go). Throws DecodeError with upstream's sentence. What is said is not checked yet, since flags may change it.
 */
export function decodeConfiguration(text: string): SchedulerConfiguration {
  const decoded = decodedConfiguration(text)
  const strictErrors = [...decoded.strictErrors]
  const draft = decoded.object
  for (const [index, profile] of ((draft['profiles'] ?? []) as Draft[]).entries())
    for (const [position, config] of ((profile['pluginConfig'] ?? []) as Draft[]).entries()) {
      const at = `decoding .profiles[${index}].pluginConfig[${position}]`
      const { args, faults } = decodedArguments(config, at)
      config['args'] = args
      for (const fault of faults) strictErrors.push(fault)
    }
  if (strictErrors.length > 0) throw new DecodeError(strictDecodingMessage(strictErrors))
  setConfigurationDefaults(draft)
  return draft as unknown as SchedulerConfiguration
}

/** A configuration that says nothing but this. For the usual one, and for programs. */
export function configurationOf(given: Draft = {}): SchedulerConfiguration {
  return checked(decodeConfiguration(JSON.stringify({ ...given, apiVersion, kind })))
}

/** Throws an Error with all that is wrong. */
export function checked(configuration: SchedulerConfiguration): SchedulerConfiguration {
  const errors = validateConfiguration(configuration)
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  return configuration
}

/** As upstream writes it. */
export function printConfiguration(configuration: SchedulerConfiguration): string {
  return printYaml(normalize(schemaOfKind(kind)!, configuration))
}

function decodedConfiguration(text: string) {
  try {
    const form = text.trimStart().startsWith('{') ? mediaTypes.json : mediaTypes.yaml
    const decoded = decodeObject(Buffer.from(text), form, {
      schemaOfKind: (groupOfKind, version, kindName) =>
        `${groupOfKind}/${version}` === apiVersion ? schemaOfKind(kindName) : undefined,
    })
    if (decoded.gvk.kind !== kind)
      throw new DecodeError(`couldn't decode as ${kind}, got ${apiVersion}, Kind=${decoded.gvk.kind}: `)
    return decoded
  } catch (error) {
    if (error instanceof NoSuchKind)
      throw new DecodeError(error.message.replace(/in scheme$/, scheme), { cause: error })
    throw error
  }
}

/** Arguments of plugins that are not known here are kept as they are. */
function decodedArguments(config: Draft, at: string): { readonly args: unknown; readonly faults: readonly string[] } {
  const name = String(config['name'])
  const own = `${name}Args`
  const given = config['args']
  if (schemaOfKind(own) === undefined) return { args: given, faults: [] }
  if (given === undefined) return { args: {}, faults: [] }
  const context = `${at}: decoding args for plugin ${name}`
  if (!isObject(given) && given !== null)
    throw new DecodeError(
      `${context}: couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(given)} into Go value of type ${typeMeta}`,
    )
  const said = given ?? {}
  const version = said['apiVersion'] || apiVersion
  const saidKind = said['kind'] || own
  const schema = version === apiVersion ? schemaOfKind(String(saidKind)) : undefined
  if (schema === undefined)
    throw new DecodeError(
      `${context}: no kind "${String(saidKind)}" is registered for version "${String(version)}" ${scheme}`,
    )
  let decoded: ReturnType<typeof decodeValue>
  try {
    decoded = decodeValue(given, schema)
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(`${context}: ${error.message}`, { cause: error })
    throw error
  }
  if (saidKind !== own)
    throw new DecodeError(
      `${at}: args for plugin ${name} were not of type ${own}.${group}, got ${String(saidKind)}.${group}`,
    )
  const { strictErrors } = decoded
  if (strictErrors.length === 0) return { args: decoded.value, faults: [] }
  const inner = `decoding args for plugin ${name}: ${strictDecodingMessage(strictErrors)}`
  return { args: decoded.value, faults: [`${at}: ${strictDecodingMessage([inner])}`] }
}
