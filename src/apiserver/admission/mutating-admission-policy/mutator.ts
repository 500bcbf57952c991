import { type CompiledExpression, returns } from '../../../api/admissionregistration/expressions/compile-expression.ts'
import { PolicyCompiler } from '../../../api/admissionregistration/expressions/policy-compiler.ts'
import type { MutatingAdmissionPolicy } from '../../../api/types.generated.ts'
import type { CompiledConditions } from '../policy/match-conditions.ts'

/** One mutation of a policy. */
export interface Mutation {
  readonly type: 'JSONPatch' | 'ApplyConfiguration'
  readonly compiled: CompiledExpression
}
/** A policy, ready to change requests (apiserver pkg/admission/plugin/policy/mutating/compilation.go). */
export interface Mutator {
  readonly matchConditions: CompiledConditions | undefined
  readonly mutations: readonly Mutation[]
  readonly variables: ReadonlyMap<string, CompiledExpression>
}

export function compileMutator({ spec = {} }: MutatingAdmissionPolicy): Mutator {
  const compiler = new PolicyCompiler('stored', { params: spec.paramKind !== undefined })
  for (const { name, expression } of spec.variables ?? []) compiler.addVariable(name, expression)
  const conditions = (spec.matchConditions ?? []).map(({ expression }) =>
    compiler.compile(expression, returns.condition, { authorizer: true }),
  )
  const failurePolicy = spec.failurePolicy ?? 'Fail'
  const { variables } = compiler
  const mutations = (spec.mutations ?? []).flatMap(({ patchType, jsonPatch, applyConfiguration }): Mutation[] => {
    const options = { authorizer: true, patches: true }
    if (patchType === 'JSONPatch' && jsonPatch !== undefined)
      return [{ type: patchType, compiled: compiler.compile(jsonPatch.expression ?? '', returns.jsonPatch, options) }]
    if (patchType === 'ApplyConfiguration' && applyConfiguration !== undefined) {
      const expression = applyConfiguration.expression ?? ''
      return [{ type: patchType, compiled: compiler.compile(expression, returns.applyConfiguration, options) }]
    }
    return []
  })
  return {
    matchConditions: conditions.length > 0 ? { conditions, failurePolicy, variables } : undefined,
    mutations,
    variables,
  }
}
