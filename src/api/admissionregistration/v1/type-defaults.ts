import { defaulterOf, type TypeDefaults } from '../../../machinery/schema/default.ts'
import type {
  AdmissionregistrationV1ServiceReference,
  MatchResources,
  MutatingAdmissionPolicySpec,
  MutatingWebhook,
  RuleWithOperations,
  ValidatingAdmissionPolicySpec,
  ValidatingWebhook,
} from '../../types.generated.ts'
import type { Draft } from '../../../machinery/json.ts'

/** pkg/apis/admissionregistration/v1/defaults.go. */
const prefix = 'io.k8s.api.admissionregistration.v1.'

function setMatch(draft: Draft<Pick<MatchResources, 'matchPolicy' | 'namespaceSelector' | 'objectSelector'>>): void {
  draft.matchPolicy ??= 'Equivalent'
  draft.namespaceSelector ??= {}
  draft.objectSelector ??= {}
}

function setWebhook(draft: Draft<ValidatingWebhook> | Draft<MutatingWebhook>): void {
  draft.failurePolicy ??= 'Fail'
  setMatch(draft)
  draft.timeoutSeconds ??= 10
}

const rule = defaulterOf<RuleWithOperations>((draft) => {
  draft.scope ??= '*'
})

export const admissionTypeDefaults: TypeDefaults = {
  [`${prefix}ValidatingWebhook`]: defaulterOf<ValidatingWebhook>(setWebhook),
  [`${prefix}MutatingWebhook`]: defaulterOf<MutatingWebhook>((draft) => {
    setWebhook(draft)
    draft.reinvocationPolicy ??= 'Never'
  }),
  [`${prefix}RuleWithOperations`]: rule,
  [`${prefix}NamedRuleWithOperations`]: rule,
  [`${prefix}ServiceReference`]: defaulterOf<AdmissionregistrationV1ServiceReference>((draft) => {
    draft.port ??= 443
  }),
  [`${prefix}ValidatingAdmissionPolicySpec`]: defaulterOf<ValidatingAdmissionPolicySpec>((draft) => {
    draft.failurePolicy ??= 'Fail'
  }),
  [`${prefix}MutatingAdmissionPolicySpec`]: defaulterOf<MutatingAdmissionPolicySpec>((draft) => {
    draft.failurePolicy ??= 'Fail'
  }),
  [`${prefix}MatchResources`]: defaulterOf<MatchResources>(setMatch),
}
