import type { ResourceDefinition } from '../../api/definition.ts'
import { defaultFeatureGates, parseFeatureGates, type FeatureGates } from '../../api/features/feature-gates.ts'
import { defaultRuntimeConfig, parseRuntimeConfig, type ResourceEnabled } from '../../api/features/runtime-config.ts'
import { kinds } from '../../api/kinds.ts'
import { groups } from '../../api/schema/facts.ts'
import type { ServerOptionValues } from './server-options.ts'

/** Which kinds a server knows and serves, and which features are on. */
export interface EnabledKinds {
  readonly features: FeatureGates
  /** Every kind that is loaded: those that are not served are still kept for the server's own parts. */
  readonly kinds: readonly ResourceDefinition[]
  isServed(definition: ResourceDefinition): boolean
}

/**
 * Reads `--feature-gates` and `--runtime-config`. Versions that are off by default are loaded only where one of them is
 * turned on. Throws an Error in upstream's words.
 */
export async function enabledKinds(values: ServerOptionValues): Promise<EnabledKinds> {
  const features =
    values['feature-gates'] === undefined ? defaultFeatureGates : parseFeatureGates(values['feature-gates'])
  const enabled =
    values['runtime-config'] === undefined ? defaultRuntimeConfig : parseRuntimeConfig(values['runtime-config'])
  const isServed = servedBy(enabled, features)
  if (values['runtime-config'] === undefined) return { features, kinds, isServed }
  const { optionalKinds } = await import('../../api/optional-kinds.ts')
  const turnedOn = optionalKinds.filter(isServed)
  if (turnedOn.length === 0) return { features, kinds, isServed }
  return { features, kinds: inOrder([...kinds, ...turnedOn]), isServed }
}

/** Some resources need a feature besides their version (pkg/registry/<group>/rest). */
function servedBy(enabled: ResourceEnabled, { enabled: isOn }: FeatureGates): EnabledKinds['isServed'] {
  return ({ group, version, resource, rules: { featureGate } }) =>
    enabled(group, version, resource) && (featureGate === undefined || isOn(featureGate))
}

/** The order of groups, and of versions within them: the first one that has a name is the one that `kubectl` means. */
function inOrder(definitions: readonly ResourceDefinition[]): readonly ResourceDefinition[] {
  const places = groups.flatMap(({ name, versions }) => versions.map((version) => `${name}/${version}`))
  const placeOf = ({ group, version }: ResourceDefinition) => places.indexOf(`${group}/${version}`)
  return [...definitions].sort((a, b) => placeOf(a) - placeOf(b))
}
