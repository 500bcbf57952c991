import { goJson } from '../../../machinery/field-error.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import type { Hook } from './hook.ts'

/** Where in a request a webhook was asked: in which run of the mutating ones, as which of them. */
export interface Place {
  readonly round: number
  readonly index: number
}

const keyOf = (prefix: string, { round, index }: Place) =>
  `${prefix}webhook.admission.k8s.io/round_${round}_index_${index}`

/** What the audit log tells of webhooks (apiserver pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go). */
export function annotateMutation(attributes: AdmissionAttributes, place: Place, hook: Hook, mutated: boolean): void {
  const { configuration, webhook } = hook
  attributes.annotate(keyOf('mutation.', place), goJson({ configuration, webhook: webhook.name, mutated }))
}
/** Only where the log holds requests. */
export function annotatePatch(
  attributes: AdmissionAttributes,
  place: Place,
  hook: Hook,
  patch: readonly unknown[],
): void {
  const { configuration, webhook } = hook
  const value = goJson({ configuration, webhook: webhook.name, patch, patchType: 'JSONPatch' })
  attributes.annotate(keyOf('patch.', place), value, 'Request')
}
export function annotateFailedOpen(
  attributes: AdmissionAttributes,
  kind: 'mutation' | 'validating',
  place: Place,
  { webhook }: Hook,
): void {
  attributes.annotate(keyOf(`failed-open.${kind}.`, place), webhook.name)
}
