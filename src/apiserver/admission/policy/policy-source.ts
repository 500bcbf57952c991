import type { ResourceRef } from '../../../api/definition.ts'
import type { MatchCondition, MatchResources, ParamKind, ParamRef } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Lister } from '../../lister.ts'

/** What validating and mutating policies have in common. */
export interface Policy extends KubeObject {
  readonly spec?: {
    readonly paramKind?: ParamKind
    readonly matchConstraints?: MatchResources
    readonly matchConditions?: readonly MatchCondition[]
    readonly failurePolicy?: string
  }
}
export interface Binding extends KubeObject {
  readonly spec?: {
    readonly policyName?: string
    readonly paramRef?: ParamRef
    readonly matchResources?: MatchResources
  }
}
/** A policy that is in force: bindings tell where. */
export interface PolicyHook<P extends Policy, B extends Binding, E> {
  readonly policy: P
  readonly bindings: readonly B[]
  /** The policy, compiled at its first use. */
  readonly evaluator: E
}
export interface PolicySource<P extends Policy, B extends Binding, E> {
  /** By name of the policy, their bindings by name. */
  readonly hooks: readonly PolicyHook<P, B, E>[]
}

/** Follows policies and their bindings (apiserver pkg/admission/plugin/policy/generic/policy_source.go). */
export function policySource<P extends Policy, B extends Binding, E>(
  lister: Lister,
  policies: ResourceRef<P>,
  bindings: ResourceRef<B>,
  compile: (policy: P) => E,
): PolicySource<P, B, E> {
  const knownPolicies = followed(lister, policies)
  const knownBindings = followed(lister, bindings)
  const evaluators = new WeakMap<P, E>()
  const evaluatorOf = (policy: P): E => {
    if (!evaluators.has(policy)) evaluators.set(policy, compile(policy))
    return evaluators.get(policy)!
  }
  let made: { readonly hooks: readonly PolicyHook<P, B, E>[]; readonly revision: number } | undefined
  return {
    get hooks() {
      const revision = knownPolicies.revision + knownBindings.revision
      if (made?.revision !== revision) {
        const of = Map.groupBy(knownBindings.sorted(), ({ spec }) => spec?.policyName ?? '')
        const hooks = knownPolicies.sorted().flatMap((policy) => {
          const bound = of.get(policy.metadata.name!)
          if (bound === undefined) return []
          const hook: PolicyHook<P, B, E> = {
            policy,
            bindings: bound,
            get evaluator() {
              return evaluatorOf(policy)
            },
          }
          return [hook]
        })
        made = { hooks, revision }
      }
      return made.hooks
    },
  }
}

function followed<T extends KubeObject>(lister: Lister, ref: ResourceRef<T>) {
  const objects = new Map<string, T>()
  let revision = 0
  lister.watch(ref, ({ type, object }) => {
    revision++
    if (type === 'deleted') objects.delete(object.metadata.name!)
    else objects.set(object.metadata.name!, object)
  })
  return {
    /** Grows with every change. */
    get revision() {
      return revision
    },
    sorted: () => [...objects.keys()].sort().map((name) => objects.get(name)!),
  }
}
