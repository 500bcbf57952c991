import { dns1123Label } from '../../../machinery/validation/dns-names.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateLabels } from '../../../machinery/validation/label-selector.ts'
import { nodeLabelWarning } from '../../core/v1/node-label-warnings.ts'
import { validateContainerResources } from '../../core/v1/pod/resource-requirements.ts'
import { validateTolerations } from '../../core/v1/pod/toleration-validation.ts'
import { noFeatures } from '../../core/v1/pod/validation-rules.ts'
import { checkField } from '../../field-checks.ts'
import { internalForm } from '../../internal-form.ts'
import type { RuntimeClass, Toleration } from '../../types.generated.ts'

/** pkg/apis/node/validation ValidateRuntimeClass; what is declared with the type is told there, unless it stopped before. */
export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = handler ? checkField(handler, 'handler', (text) => dns1123Label(text)) : []
  if (overhead) {
    const limits = overhead.podFixed ?? {}
    errors.push(...validateContainerResources({ limits }, new Set(), 'overhead', noFeatures))
  }
  if (scheduling) {
    errors.push(...validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector'))
    errors.push(...validateTolerations(scheduling.tolerations, 'scheduling.tolerations', noFeatures))
    errors.push(...validateUnique(scheduling.tolerations, 'scheduling.tolerations'))
  }
  return errors
}

function validateUnique(tolerations: readonly Toleration[] = [], field: string): FieldError[] {
  const seen = new Set<string>()
  return tolerations.flatMap((toleration, index) => {
    const { key = '', operator = '', value = '', effect = '' } = toleration
    const identity = JSON.stringify([key, operator, value, effect])
    if (!seen.has(identity)) {
      seen.add(identity)
      return []
    }
    return [fieldErrors.duplicate(`${field}[${index}]`, internalForm('io.k8s.api.core.v1.Toleration', toleration))]
  })
}

/** pkg/api/node GetWarningsForRuntimeClass. */
export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const text = nodeLabelWarning(label)
    return text ? [`scheduling.nodeSelector: ${text}`] : []
  })
}
