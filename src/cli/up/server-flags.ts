import { resolve } from 'node:path'
import { type ServerOption, serverOptions, type ServerOptionValues } from '../../cluster/settings.ts'
import type { Flag, Flags } from '../command/flags.ts'
import { goBool, goFloat, goInt, goSeconds } from '../command/go-values.ts'

const flagTypes = {
  file: 'string',
  text: 'string',
  number: 'number',
  float: 'number',
  boolean: 'boolean',
  list: 'list',
  duration: 'duration',
} as const
/** What stands for "not given"; which flags were given is known beside. */
const nothing = { file: '', text: '', number: '', float: '', boolean: false, list: [], duration: '' } as const

const parsers: Partial<Record<ServerOption['type'], (text: string) => unknown>> = {
  number: goInt,
  float: goFloat,
  boolean: goBool,
  duration: goSeconds,
}

/** The flag of one option. */
export function flagOfOption(option: ServerOption, group: string): Flag {
  return {
    type: flagTypes[option.type],
    summary: option.summary,
    placeholder: option.placeholder,
    values: option.values,
    parse: option.parse ?? parsers[option.type],
    default: nothing[option.type],
    hidden: option.rare,
    group,
  }
}

/** The API server's flags; `more` is said of them in the help. */
function flagsOfServer(more = ''): Flags {
  return Object.fromEntries(
    Object.entries(serverOptions as Readonly<Record<string, ServerOption>>).map(([name, option]): [string, Flag] => [
      name,
      flagOfOption(option, `Flags of the API server, as kube-apiserver has them${more}`),
    ]),
  )
}

/** As `skiff up` takes them. */
export const keptServerFlags: Flags = flagsOfServer('; kept for the next start, an empty one takes it back')
/** As `skiff apiserver` takes them. */
export const serverFlags: Flags = flagsOfServer()

/** What the user gave of them. Files are named from the folder where the command runs. */
export function givenServerOptions(
  flags: Readonly<Record<string, unknown>>,
  given: ReadonlySet<string>,
): ServerOptionValues {
  const values = Object.entries(serverOptions as Readonly<Record<string, ServerOption>>)
    .filter(([name]) => given.has(name))
    .map(([name, { type }]) => {
      const value = flags[name]
      const isPath = type === 'file' && value !== '' && value !== '-'
      return [name, isPath ? resolve(String(value)) : value] as const
    })
  return Object.fromEntries(values) as ServerOptionValues
}
