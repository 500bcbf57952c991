import { dirname, isAbsolute, join } from 'node:path'
import { parseYaml } from '../../machinery/codec/yaml/parse-yaml.ts'
import { type ConfigKind, readConfig, readConfigValue, readText } from '../options/config-file.ts'
import { anything, list, object, string, type ValueOf } from '../options/config-shape.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import type { PluginConfiguration, PluginSelection } from './plugin-selection.ts'
import { pluginNames } from './plugins.ts'

const admissionConfiguration = object({
  plugins: list(object({ name: string, path: string, configuration: anything })),
})
const admissionConfigurationKind: ConfigKind<ValueOf<typeof admissionConfiguration>> = {
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'],
  kind: 'AdmissionConfiguration',
  shape: admissionConfiguration,
}

/** Admission as the flags ask for it (apiserver pkg/server/options/admission.go). Throws an Error that says what is wrong. */
export function configureAdmission(values: ServerOptionValues): PluginSelection {
  const enabled = values['enable-admission-plugins'] ?? []
  const disabled = values['disable-admission-plugins'] ?? []
  for (const [flag, names] of [
    ['enable-admission-plugins', enabled],
    ['disable-admission-plugins', disabled],
  ] as const) {
    const unknown = names.find((name) => !pluginNames.includes(name))
    if (unknown !== undefined) throw new Error(`${flag} plugin ${JSON.stringify(unknown)} is unknown`)
  }
  const both = enabled.filter((name) => disabled.includes(name))
  if (both.length > 0)
    throw new Error(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`)
  return {
    enabled,
    disabled,
    configurations: configurationsIn(values['admission-control-config-file']),
    tolerationSeconds: {
      notReady: values['default-not-ready-toleration-seconds'],
      unreachable: values['default-unreachable-toleration-seconds'],
    },
  }
}

function configurationsIn(path: string | undefined): ReadonlyMap<string, PluginConfiguration> {
  if (path === undefined) return new Map()
  try {
    const { plugins } = readConfig(readText(path), admissionConfigurationKind)
    return new Map(
      plugins.map(({ name, path: own, configuration }) => {
        const file = own === '' || isAbsolute(own) ? own : join(dirname(path), own)
        const value = file === '' ? configuration : parseYaml(readText(file)).value
        return [name, configurationOf(value, dirname(file || path))] as const
      }),
    )
  } catch (error) {
    throw new Error(`failed to read plugin config: ${(error as Error).message}`, { cause: error })
  }
}

function configurationOf(value: unknown, folder: string): PluginConfiguration {
  return {
    folder,
    ofKind: (kind) => readConfigValue(value, kind),
    shaped(shape) {
      const unknownFields: string[] = []
      const read = shape.read(value, '', unknownFields)
      if (unknownFields.length > 0) throw new Error(`unknown field ${JSON.stringify(unknownFields[0])}`)
      return read
    },
  }
}
