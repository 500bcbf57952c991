import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Label } from '../../../machinery/validation/dns-names.ts'
import { validateLabels } from '../../../machinery/validation/label-selector.ts'
import { nodeLabelWarning } from '../../core/v1/node-label-warnings.ts'
import { validateContainerResources } from '../../core/v1/pod/resource-requirements.ts'
import { validateTolerations } from '../../core/v1/pod/toleration-validation.ts'
import { strictPodSpecRules } from '../../core/v1/pod/validation-rules.ts'
import { checkField, checkUnchanged } from '../../field-checks.ts'
import type { RuntimeClass, Toleration } from '../../types.generated.ts'

/** pkg/apis/node/validation ValidateRuntimeClass, with what is declared of the type at its end. */
export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = []
  if (overhead) {
    const limits = overhead.podFixed ?? {}
    errors.push(...validateContainerResources({ limits }, new Set(), 'overhead', strictPodSpecRules))
  }
  if (scheduling) {
    errors.push(...validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector'))
    errors.push(...validateTolerations(scheduling.tolerations, 'scheduling.tolerations', strictPodSpecRules))
    errors.push(...validateUnique(scheduling.tolerations, 'scheduling.tolerations'))
  }
  if (!handler) errors.push(fieldErrors.required('handler'))
  else errors.push(...checkField(handler, 'handler', dns1123Label))
  return errors
}

function validateUnique(tolerations: readonly Toleration[] = [], field: string): FieldError[] {
  const seen = new Set<string>()
  return tolerations.flatMap((toleration, index) => {
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration
    const identity = JSON.stringify([key, operator, value, effect])
    if (!seen.has(identity)) {
      seen.add(identity)
      return []
    }
    const internal = {
      Key: key,
      Operator: operator,
      Value: value,
      Effect: effect,
      TolerationSeconds: tolerationSeconds ?? null,
    }
    return [fieldErrors.duplicate(`${field}[${index}]`, internal)]
  })
}

export function validateRuntimeClassUpdate(runtimeClass: RuntimeClass, old: RuntimeClass): FieldError[] {
  const { handler } = runtimeClass
  const errors = handler ? checkField(handler, 'handler', dns1123Label) : []
  errors.push(...validateRuntimeClass({ ...runtimeClass, handler: 'checked' }))
  errors.push(...checkUnchanged(handler, old.handler, 'handler'))
  if (!handler) errors.push(fieldErrors.required('handler'))
  return errors
}

/** pkg/api/node GetWarningsForRuntimeClass. */
export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const text = nodeLabelWarning(label)
    return text ? [`scheduling.nodeSelector: ${text}`] : []
  })
}
