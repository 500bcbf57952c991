import { goQuote } from '../../../../machinery/field-error.ts'
import type { PersistentVolumeClaimSpec } from '../../../types.generated.ts'
import { isFractional } from '../resource-names.ts'

/** Bytes come whole (pkg/api/persistentvolumeclaim GetWarningsForPersistentVolumeClaimSpec). */
export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, field: string): string[] {
  return (['requests', 'limits'] as const).flatMap((member) => {
    const quantity = resources?.[member]?.['storage']
    return fractionalBytes(quantity, `${field}.resources.${member}[storage]`)
  })
}

export function fractionalBytes(quantity: string | undefined, field: string): string[] {
  if (quantity === undefined || !isFractional(quantity)) return []
  return [`${field}: fractional byte value ${goQuote(quantity)} is invalid, must be an integer`]
}
