import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { validateLabelName } from '../../../machinery/validation/label-selector.ts'
import { nodeLabelWarning } from '../../core/v1/node-label-warnings.ts'
import { checkOneOf, checkUnchanged } from '../../field-checks.ts'
import type { StorageClass, TopologySelectorTerm } from '../../types.generated.ts'
import { validateParameters, validateProvisioner } from './parameters.ts'

const reclaimPolicies: readonly string[] = ['Delete', 'Retain']
const bindingModes: readonly string[] = ['Immediate', 'WaitForFirstConsumer']

/** pkg/apis/storage/validation ValidateStorageClass; what is declared of the type comes last. */
export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const errors = validateFields(storageClass)
  if (!storageClass.provisioner) errors.push(fieldErrors.required('provisioner'))
  return errors
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors = validateStorageClass(storageClass)
  for (const member of ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] as const) {
    errors.push(...checkUnchanged(storageClass[member], old[member], member))
  }
  return errors
}

function validateFields(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass
  return [
    ...validateProvisioner(provisioner, 'provisioner'),
    ...validateParameters(parameters, 'parameters'),
    ...(reclaimPolicy ? checkOneOf(reclaimPolicy, 'reclaimPolicy', reclaimPolicies) : []),
    ...(volumeBindingMode === undefined
      ? [fieldErrors.required('volumeBindingMode')]
      : checkOneOf(volumeBindingMode, 'volumeBindingMode', bindingModes)),
    ...validateTopologies(allowedTopologies ?? [], 'allowedTopologies'),
  ]
}

type Topology = Readonly<Record<string, readonly string[]>>

function validateTopologies(terms: readonly TopologySelectorTerm[], field: string): FieldError[] {
  // Upstream compares with as many empty terms as there are terms, before comparing with those it has seen.
  const seen: Topology[] = terms.map(() => ({}))
  return terms.flatMap((term, index) => {
    const at = `${field}[${index}].matchLabelExpressions`
    const errors = validateTerm(term, at)
    const topology = topologyOf(term)
    for (const other of seen) if (jsonEqual(topology, other)) errors.push(fieldErrors.duplicate(at, ''))
    seen.push(topology)
    return errors
  })
}

function validateTerm({ matchLabelExpressions }: TopologySelectorTerm, field: string): FieldError[] {
  const keys = new Set<string>()
  return (matchLabelExpressions ?? []).flatMap(({ key = '', values }, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = values?.length ? [] : [fieldErrors.required(`${at}.values`)]
    for (const [place, value] of (values ?? []).entries()) {
      if (values.indexOf(value) < place) errors.push(fieldErrors.duplicate(`${at}.values[${place}]`, value))
    }
    errors.push(...validateLabelName(key, `${at}.key`))
    if (keys.has(key)) errors.push(fieldErrors.duplicate(`${at}.key`, key))
    keys.add(key)
    return errors
  })
}

function topologyOf({ matchLabelExpressions }: TopologySelectorTerm): Topology {
  return Object.fromEntries(
    (matchLabelExpressions ?? []).map(({ key = '', values }) => [key, [...new Set(values ?? [])].toSorted()]),
  )
}

/** pkg/api/storage GetWarningsForStorageClass. */
export function storageClassWarnings({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, index) =>
    (matchLabelExpressions ?? []).flatMap(({ key }, at) => {
      const text = nodeLabelWarning(key)
      return text ? [`allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${text}`] : []
    }),
  )
}
