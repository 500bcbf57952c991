import { compareQuantities, formatQuantity, quantityScaled } from '../../machinery/quantity.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { PersistentVolumeClaim } from '../types.generated.ts'
import { countName, type QuotaEvaluator, scopeSelects } from './evaluator.ts'

const count = countName({ group: '', resource: 'persistentvolumeclaims' })
const names = ['persistentvolumeclaims', 'requests.storage']
const ofClass = '.storageclass.storage.k8s.io/'

/** pkg/quota/v1/evaluator/core/persistent_volume_claims.go. */
export const claimEvaluator: QuotaEvaluator<PersistentVolumeClaim> = {
  handles({ operation, subresource, object, old }) {
    if (subresource === '') return operation === 'CREATE' || operation === 'UPDATE'
    if (subresource !== 'status' || old === undefined) return false
    const allocated = ({ status }: PersistentVolumeClaim) => status?.allocatedResources?.storage
    return allocated(object) !== allocated(old) || attributeClasses(object).join() !== attributeClasses(old).join()
  },
  matchingResources: (wanted) =>
    wanted.filter(
      (name) => name === count || names.includes(name) || names.some((one) => name.endsWith(`${ofClass}${one}`)),
    ),
  matchesScope(selector, claim) {
    if (selector.scopeName !== 'VolumeAttributesClass') return false
    const classes = attributeClasses(claim)
    return classes.length === 0
      ? scopeSelects(selector, undefined)
      : classes.some((name) => scopeSelects(selector, name))
  },
  constraint: () => undefined,
  usage({ metadata, spec, status }) {
    const usage: Record<string, string> = { [count]: '1', persistentvolumeclaims: '1' }
    const storageClass = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName
    if (storageClass) usage[`${storageClass}${ofClass}persistentvolumeclaims`] = '1'
    let storage = spec.resources?.requests?.storage
    if (storage === undefined) return usage
    const allocated = status?.allocatedResources?.storage
    if (allocated !== undefined && compareQuantities(allocated, storage) > 0) storage = allocated
    storage = wholeUnits(storage)
    usage['requests.storage'] = storage
    if (storageClass) usage[`${storageClass}${ofClass}requests.storage`] = storage
    return usage
  },
}

/** Parts of a byte count as a whole one. */
function wholeUnits(quantity: string): string {
  const { format } = parseQuantity(quantity)
  return formatQuantity({ digits: quantityScaled(quantity, 0), scale: 0, format })
}

function attributeClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const found = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(found.filter((name): name is string => Boolean(name)))].sort()
}
