import { validatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/v1/validating-admission-policy.ts'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api/types.generated.ts'
import { ApiError } from '../../../machinery/errors.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import { refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import { AccessAnswers } from '../policy/access-answers.ts'
import type { Subject } from '../policy/evaluation.ts'
import { policySource } from '../policy/policy-source.ts'
import {
  isUnjudged,
  type Misconfigured,
  type PolicyServices,
  relevantPolicies,
  requestNamespace,
  subjectOf,
} from '../policy/relevant.ts'
import { AuditAnnotations, publishFailures, type ValidationFailure } from './audit.ts'
import { type Judgement, Validator } from './validator.ts'

interface Denial {
  readonly policy: string
  readonly binding: string | undefined
  readonly message: string
  readonly reason: string
}

/** Judges requests by the ValidatingAdmissionPolicies that are bound (apiserver pkg/admission/plugin/policy/validating). */
export function createValidatingAdmissionPolicy(
  services: PolicyServices & { readonly authorizer: Authorizer },
): AdmissionPlugin {
  const { policyMetrics } = services
  const source = policySource(
    services.lister,
    validatingAdmissionPolicies,
    validatingAdmissionPolicyBindings,
    (policy) => new Validator(policy),
  )
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: () => true,
    validate(attributes) {
      const { hooks } = source
      if (hooks.length === 0 || isUnjudged(attributes)) return
      return judge(attributes)
    },
  }

  async function judge(attributes: AdmissionAttributes): Promise<void> {
    const denials: Denial[] = []
    const failures: ValidationFailure[] = []
    const annotations = new AuditAnnotations()
    const access = new AccessAnswers(services.authorizer, attributes.user)
    for (const found of await relevantPolicies(source.hooks, attributes, services)) {
      if ('why' in found) {
        misconfigured(found)
        continue
      }
      const { hook, binding, match, params } = found
      const { evaluator } = hook
      let subject: Subject
      try {
        subject = await subjectOf(attributes, match)
      } catch (error) {
        const why = `failed to convert object version: ${(error as Error).message}`
        misconfigured({ policy: hook.policy, binding, why })
        continue
      }
      const namespaceObject = await requestNamespace(attributes, services)
      const of = { policy: hook.policy.metadata.name!, binding: binding.metadata.name! }
      const actions = binding.spec?.validationActions ?? []
      for (const param of params) {
        const told = evaluator.matchConditions && policyMetrics?.conditions(of.policy, 'policy', 'validate', attributes)
        const began = policyMetrics?.clock.monotonic() ?? 0
        const judgement = await access.settle(() => evaluator.validate(subject, param, namespaceObject, access, told))
        const seconds = policyMetrics === undefined ? 0 : (policyMetrics.clock.monotonic() - began) / 1000
        act(judgement, of, actions, seconds)
      }
    }
    annotations.publish(attributes)
    publishFailures(failures, attributes)
    if (denials.length > 0) throw denied(attributes, denials[0]!)

    function misconfigured({
      policy,
      binding,
      why,
    }: Misconfigured<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>): void {
      if (policy.spec?.failurePolicy === 'Ignore') return
      const message = `failed to configure ${binding === undefined ? 'policy' : 'binding'}: ${why}`
      denials.push({ policy: policy.metadata.name!, binding: binding?.metadata.name, message, reason: '' })
    }

    function act(
      judgement: Judgement,
      of: { readonly policy: string; readonly binding: string },
      actions: readonly string[],
      seconds: number,
    ): void {
      for (const [expressionIndex, { denied, message, reason, failed }] of judgement.decisions.entries()) {
        if (!denied) {
          if (failed) policyMetrics?.found(of, 'allow', message, seconds)
          continue
        }
        for (const action of actions) {
          policyMetrics?.found(of, action, message, seconds)
          if (action === 'Deny') denials.push({ ...of, message, reason })
          else if (action === 'Audit') failures.push({ message, ...of, expressionIndex, validationActions: actions })
          else if (action === 'Warn')
            attributes.warn(
              `Validation failed for ValidatingAdmissionPolicy '${of.policy}' with binding '${of.binding}': ${message}`,
            )
        }
      }
      for (const { key, value, error } of judgement.annotations) {
        if (value !== undefined) annotations.add(of.policy, key, value)
        // Not for the actions to decide: what was to be told of the request is lost.
        if (error === undefined) continue
        policyMetrics?.found(of, 'Deny', error, seconds)
        denials.push({ ...of, message: error, reason: '' })
      }
    }
  }
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

function denied(attributes: AdmissionAttributes, { policy, binding, message: why, reason: given }: Denial): ApiError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`
  const message = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${why}`
  const { status } = refusal(attributes, message, [{ message }])
  const reason = given || 'Invalid'
  return new ApiError({ ...status, reason, code: codes[reason] ?? 422 })
}
