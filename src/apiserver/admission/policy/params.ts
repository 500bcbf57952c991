import type { ResourceDefinition } from '../../../api/definition.ts'
import type { ParamKind, ParamRef } from '../../../api/types.generated.ts'
import { cachedSelector } from '../../../machinery/labels/label-selector.ts'
import { parseApiVersion } from '../../../machinery/meta/object.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Lister } from '../../lister.ts'

/** A policy or binding is not made such that it can be asked; the text says why. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** The resource that a paramKind names. */
export function paramDefinition(
  paramKind: ParamKind,
  definitions: Iterable<ResourceDefinition>,
): ResourceDefinition | ConfigurationError {
  const { group, version } = parseApiVersion(paramKind.apiVersion ?? '')
  for (const definition of definitions)
    if (definition.group === group && definition.version === version && definition.kind === paramKind.kind)
      return definition
  const kind = `${group}/${version}, Kind=${paramKind.kind ?? ''}`
  return new ConfigurationError(`failed to find resource referenced by paramKind: '${kind}'`)
}

/**
 * The params with which a policy is to be evaluated, once with each; `[undefined]`: once, without (apiserver
 * pkg/admission/plugin/policy/generic CollectParams). Throws ConfigurationError.
 */
export async function collectParams(
  definition: ResourceDefinition | undefined,
  ref: ParamRef | undefined,
  requestNamespace: string,
  lister: Lister,
): Promise<readonly (KubeObject | undefined)[]> {
  if (definition === undefined || ref === undefined) return [undefined]
  const namespace = definition.namespaced ? ref.namespace || requestNamespace : ''
  if (definition.namespaced && namespace === '')
    throw new ConfigurationError(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    )
  if (!definition.namespaced && ref.namespace)
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const params = await find(definition, ref, namespace, lister)
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction')
  return params
}

async function find(
  definition: ResourceDefinition,
  { name, selector }: ParamRef,
  namespace: string,
  lister: Lister,
): Promise<readonly KubeObject[]> {
  if (name) {
    if (selector !== undefined)
      throw new ConfigurationError('paramRef.name and paramRef.selector are mutually exclusive')
    const found = lister.get(definition, namespace, name) ?? (await lister.getLive(definition, namespace, name))
    return found === undefined ? [] : [found]
  }
  if (selector === undefined) throw new ConfigurationError('one of name or selector must be provided')
  const matching = cachedSelector(selector)
  const all = await lister.listLive(definition, namespace || undefined)
  return all.filter(({ metadata }) => matching.matches(metadata.labels ?? {}))
}
