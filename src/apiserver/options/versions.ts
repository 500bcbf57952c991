import { goQuote } from '../../machinery/field-error.ts'
import type { ServerOptionValues } from './server-options.ts'

const [major, own, oldest] = [1, 37, 34]

/**
 * Which version is emulated, and with which the server is compatible (component-base compatibility/version.go). Another one than
 * our own is not emulated here. Throws an Error, in upstream's words for what upstream refuses.
 */
export function checkVersions(values: ServerOptionValues): void {
  const emulated = minorOf(values['emulated-version']) ?? own
  if (emulated < oldest || emulated > own)
    throw new Error(`emulation version ${major}.${emulated} is not between [${major}.${oldest}, ${major}.${own}.0]`)
  const compatible = minorOf(values['min-compatibility-version']) ?? Math.max(oldest, emulated - 1)
  if (compatible < oldest || compatible > emulated)
    throw new Error(
      `minCompatibilityVersion version ${major}.${compatible} is not between [${major}.${oldest}, ${major}.${emulated}]`,
    )
  if (emulated !== own)
    throw new Error(`--emulated-version=${major}.${emulated} is not done here: only ${major}.${own} is served`)
  const forward = [
    ['emulation-forward-compatible', 'EmulationForwardCompatible'],
    ['runtime-config-emulation-forward-compatible', 'RuntimeConfigEmulationForwardCompatible'],
  ] as const
  for (const [flag, field] of forward)
    if (values[flag] === true)
      throw new Error(
        `ServerRunOptions.${field} cannot be set to true if the emulation version is the same as the binary version`,
      )
}

/** Of `1.37` or `kube=1.37`. */
function minorOf(settings: readonly string[] = []): number | undefined {
  let minor: number | undefined
  for (const setting of settings) {
    const text = setting.slice(setting.indexOf('=') + 1)
    const component = setting.includes('=') ? setting.slice(0, setting.indexOf('=')) : 'kube'
    if (component !== 'kube') throw new Error(`component not registered: ${component}`)
    const [, read] = new RegExp(`^v?${major}\\.(\\d+)$`).exec(text) ?? []
    if (read === undefined) throw new Error(`could not parse ${goQuote(text)} as version`)
    minor = Number(read)
  }
  return minor
}
