import { mutatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicies } from '../../../api/admissionregistration/v1/mutating-admission-policy.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../api/types.generated.ts'
import type { FeatureEnabled } from '../../../api/features/feature-gates.ts'
import { runtimeCostBudget } from '../../../machinery/cel/libraries/kubernetes.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { type Draft, jsonClone, jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import { refusal, replaceContent } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import { AccessAnswers } from '../policy/access-answers.ts'
import { Evaluation, OutOfBudget, type Subject } from '../policy/evaluation.ts'
import { conditionsHold, MatchConditionsFailed } from '../policy/match-conditions.ts'
import type { Match } from '../policy/match-resources.ts'
import { policySource } from '../policy/policy-source.ts'
import {
  isUnjudged,
  type PolicyServices,
  type Relevant,
  relevantPolicies,
  requestNamespace,
  subjectOf,
} from '../policy/relevant.ts'
import { reinvocationOf } from '../reinvocation.ts'
import { convert } from '../webhook/invocation.ts'
import { applyConfigurationValue, applyJsonPatchValue, bodyKindOf, MutationFailed } from './apply-mutation.ts'
import { compileMutator, type Mutation, type Mutator } from './mutator.ts'

type Applicable = Relevant<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutator>

interface Refused {
  readonly policy: MutatingAdmissionPolicy
  readonly binding: MutatingAdmissionPolicyBinding | undefined
  readonly why: string
  /** Of the Status; '' for Forbidden. */
  readonly reason: string
}

/** Changes requests as the MutatingAdmissionPolicies that are bound say (apiserver pkg/admission/plugin/policy/mutating). */
export function createMutatingAdmissionPolicy(
  services: PolicyServices & { readonly authorizer: Authorizer; readonly enabled: FeatureEnabled },
): AdmissionPlugin {
  const { policyMetrics } = services
  const source = policySource(
    services.lister,
    mutatingAdmissionPolicies,
    mutatingAdmissionPolicyBindings,
    compileMutator,
  )
  return {
    name: 'MutatingAdmissionPolicy',
    handles: (operation) => operation !== 'DELETE',
    mutate(attributes) {
      const { hooks } = source
      if (hooks.length === 0 || isUnjudged(attributes)) return
      return mutate(attributes)
    },
  }

  async function mutate(attributes: AdmissionAttributes): Promise<void> {
    const refused: Refused[] = []
    const applicable: { readonly of: Applicable; readonly param: KubeObject | undefined }[] = []
    for (const found of await relevantPolicies(source.hooks, attributes, services)) {
      if ('why' in found) {
        const why = `failed to configure ${found.binding === undefined ? 'policy' : 'binding'}: ${found.why}`
        refused.push({ ...found, why, reason: '' })
      } else for (const param of found.params) applicable.push({ of: found, param })
    }
    if (applicable.length > 0) await invoke(attributes, applicable, refused)
    const counting = refused.filter(({ policy }) => policy.spec?.failurePolicy !== 'Ignore')
    if (counting.length > 0) throw denied(attributes, counting)
  }

  async function invoke(
    attributes: AdmissionAttributes,
    applicable: readonly { readonly of: Applicable; readonly param: KubeObject | undefined }[],
    refused: Refused[],
  ): Promise<void> {
    const reinvocation = reinvocationOf(attributes)
    const memory = reinvocation.memory('MutatingAdmissionPolicy', attributes.object)
    const namespaceObject = await requestNamespace(attributes, services)
    const access = new AccessAnswers(services.authorizer, attributes.user)
    let applied = false
    for (const { of, param } of applicable) {
      const { hook, binding, match } = of
      const { policy, evaluator } = hook
      const { matchConditions, mutations, variables } = evaluator
      const refuse = (error: unknown) => {
        if (
          !(error instanceof MutationFailed || error instanceof MatchConditionsFailed || error instanceof OutOfBudget)
        )
          throw error
        refused.push({ policy, binding, why: error.message, reason: 'Invalid' })
      }
      let subject = await subjectOf(attributes, match)
      try {
        const told =
          matchConditions && policyMetrics?.conditions(policy.metadata.name!, 'policy', 'validate', attributes)
        const holds = () =>
          matchConditions === undefined || conditionsHold(matchConditions, subject, { params: param, access, told })
        if (!(await access.settle(holds))) continue
      } catch (error) {
        refuse(error)
        continue
      }
      const key = keyOf(of, param)
      if (reinvocation.isReinvoke && !memory.reinvoke.has(key)) continue
      let changed = false
      for (const mutation of mutations) {
        if (attributes.object === undefined) continue
        const began = policyMetrics?.clock.monotonic() ?? 0
        const mutated = (error?: unknown) =>
          policyMetrics?.mutated(
            policy.metadata.name!,
            binding.metadata.name!,
            error,
            (policyMetrics.clock.monotonic() - began) / 1000,
          )
        try {
          const bindings = { params: param, namespaceObject, access, variables }
          const object = await access.settle(() => patched(mutation, subject, bindings, match))
          const same = jsonEqual(object, subject.object)
          if (!same) subject = { ...subject, object: await replace(attributes, match, object, services.enabled) }
          changed ||= !same
          applied = true
          mutated()
        } catch (error) {
          mutated(error)
          refuse(error)
        }
      }
      if (changed) {
        memory.requireReinvoke()
        reinvocation.request()
      }
      if (policy.spec?.reinvocationPolicy === 'IfNeeded') memory.reinvocable.add(key)
    }
    if (applied) {
      memory.requireReinvoke()
      reinvocation.request()
    }
    memory.output = jsonClone(attributes.object)
  }
}

/** Throws MutationFailed, OutOfBudget or ApiError. */
function patched(
  { type, compiled }: Mutation,
  subject: Subject,
  bindings: ConstructorParameters<typeof Evaluation>[1],
  match: Match,
): KubeObject {
  if (compiled.error !== undefined) throw new MutationFailed(compiled.error)
  const { value, error } = new Evaluation(subject, bindings, runtimeCostBudget).evaluate(compiled)
  if (value === undefined) throw new MutationFailed(error!)
  const as = bodyKindOf(subject.attributes, match)
  const apply = type === 'JSONPatch' ? applyJsonPatchValue : applyConfigurationValue
  return apply(value, subject.object!, as)
}

/** Takes the object of the policy's version over into the request; answers it as the next mutation sees it. */
async function replace(
  attributes: AdmissionAttributes,
  match: Match,
  object: KubeObject,
  enabled: FeatureEnabled,
): Promise<KubeObject> {
  const { definition } = attributes
  const draft = attributes.object!
  const back = match.definition === undefined ? object : await convert(object, match.definition, definition)
  replaceContent(draft, jsonClone(back) as Draft<KubeObject>)
  definition.rules.prune?.(draft as unknown as Record<string, unknown>)
  if (attributes.subresource === '') definition.rules.setDefaults?.(draft, undefined, enabled)
  return (await subjectOf(attributes, match)).object!
}

function keyOf({ hook, binding }: Applicable, param: KubeObject | undefined): string {
  const { name = '', namespace = '' } = param?.metadata ?? {}
  return JSON.stringify([hook.policy.metadata.name, binding.metadata.name, namespace, name])
}

function denied(attributes: AdmissionAttributes, refused: readonly Refused[]): ApiError {
  const messages = refused.map(({ policy, binding, why }) =>
    binding === undefined
      ? `policy ${JSON.stringify(policy.metadata.name)} denied request: ${why}`
      : `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`,
  )
  const causes = messages.map((message) => ({ message }))
  const { status } = refusal(attributes, 'admission request denied by policy', causes)
  return new ApiError({ ...status, message: messages[0], reason: refused[0]!.reason || status.reason })
}
