import type { PolicyMetrics } from './policy-metrics.ts'
import { excludedResources } from '../../../api/admissionregistration/v1/excluded-resources.ts'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import type { ResourceDefinition } from '../../../api/definition.ts'
import type { MatchResources } from '../../../api/types.generated.ts'
import { notFound } from '../../../machinery/errors.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { convert } from '../webhook/invocation.ts'
import type { Subject } from './evaluation.ts'
import { type Match, matchResources, type MatchServices } from './match-resources.ts'
import { collectParams, ConfigurationError, paramDefinition } from './params.ts'
import type { Binding, Policy, PolicyHook } from './policy-source.ts'
import { namespaceVariable } from './request-variable.ts'

export interface PolicyServices extends MatchServices {
  readonly policyMetrics?: PolicyMetrics
  readonly definitions: () => Iterable<ResourceDefinition>
}

/** A binding through which a policy is to judge the request. */
export interface Relevant<P extends Policy, B extends Binding, E> {
  readonly hook: PolicyHook<P, B, E>
  readonly binding: B
  readonly match: Match
  readonly params: readonly (KubeObject | undefined)[]
}
/** That a policy, or one of its bindings, could not be asked. */
export interface Misconfigured<P extends Policy, B extends Binding> {
  readonly policy: P
  readonly binding: B | undefined
  readonly why: string
}

/**
 * What concerns the request, in order (apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go). Errors of
 * matching belong to the policy: its failure policy decides what becomes of them.
 */
export async function relevantPolicies<P extends Policy, B extends Binding, E>(
  hooks: readonly PolicyHook<P, B, E>[],
  attributes: AdmissionAttributes,
  services: PolicyServices,
): Promise<readonly (Relevant<P, B, E> | Misconfigured<P, B>)[]> {
  const found: (Relevant<P, B, E> | Misconfigured<P, B>)[] = []
  for (const hook of hooks) {
    const { policy, bindings } = hook
    try {
      const match = await definitionMatch(policy, attributes, services)
      if (match === undefined) continue
      const { paramKind } = policy.spec ?? {}
      const params = paramKind && paramDefinition(paramKind, services.definitions())
      if (params instanceof ConfigurationError) throw params
      for (const binding of bindings) found.push(...(await throughBinding(hook, binding, match, params)))
    } catch (error) {
      found.push({ policy, binding: undefined, why: (error as Error).message })
    }
  }
  return found

  async function throughBinding(
    hook: PolicyHook<P, B, E>,
    binding: B,
    match: Match,
    definition: ResourceDefinition | undefined,
  ): Promise<readonly (Relevant<P, B, E> | Misconfigured<P, B>)[]> {
    const { matchResources: narrower, paramRef } = binding.spec ?? {}
    try {
      if (narrower !== undefined && (await matches(narrower, attributes, services)) === undefined) return []
      const params = await collectParams(definition, paramRef, attributes.namespace, services.lister)
      return [{ hook, binding, match, params }]
    } catch (error) {
      return [{ policy: hook.policy, binding, why: (error as Error).message }]
    }
  }
}

async function definitionMatch(policy: Policy, attributes: AdmissionAttributes, services: MatchServices) {
  const { matchConstraints } = policy.spec ?? {}
  if (matchConstraints === undefined)
    throw new ConfigurationError('policy contained no match constraints, a required field')
  return matches(matchConstraints, attributes, services)
}

async function matches(criteria: MatchResources, attributes: AdmissionAttributes, services: MatchServices) {
  for (const selector of ['namespace', 'object'] as const)
    if (criteria[`${selector}Selector`] === undefined)
      throw new ConfigurationError(
        `a nil ${selector} selector was passed, please ensure selectors are initialized properly`,
      )
  return matchResources(criteria, attributes, services)
}

/** The value of `namespaceObject`; throws 404 when the request's namespace is gone. */
export async function requestNamespace(
  { kind, namespace: name }: AdmissionAttributes,
  { lister }: MatchServices,
): Promise<Readonly<Record<string, unknown>> | null> {
  // A Namespace is in itself as admission sees it, but not for expressions.
  if (name === '' || (kind.group === '' && kind.version === 'v1' && kind.kind === 'Namespace')) return null
  const found = lister.get(namespaces, '', name) ?? (await lister.getLive(namespaces, '', name))
  if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, name)
  return namespaceVariable(found)
}

/** The request in the version that the policy's rules name. */
export async function subjectOf(
  attributes: AdmissionAttributes,
  { resource, kind, definition }: Match,
): Promise<Subject> {
  const versioned = async (object: KubeObject | undefined) =>
    object === undefined || definition === undefined ? object : convert(object, attributes.definition, definition)
  return {
    attributes,
    resource,
    kind,
    object: await versioned(attributes.object as KubeObject | undefined),
    oldObject: await versioned(attributes.oldObject),
  }
}

const policies: ReadonlySet<string> = new Set([
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingadmissionpolicies.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
])

/**
 * Resources that no policy judges: policies themselves, so that a bad one can be mended, and reviews, on which access
 * hangs (generic/plugin.go Dispatch; pkg/kubeapiserver/admission/exclusion).
 */
export function isUnjudged({ resource }: AdmissionAttributes): boolean {
  const name = `${resource.resource}.${resource.group}`
  return policies.has(name) || excludedResources.has(name)
}
