import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { checkOneOf } from '../../field-checks.ts'
import type { RuleContext } from '../../definition.ts'
import type { CSIDriver, CSIDriverSpec } from '../../types.generated.ts'

/** pkg/apis/storage/validation ValidateCSIDriver. */
const fsGroupPolicies: readonly string[] = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes: readonly string[] = ['Persistent', 'Ephemeral']
const minUpdateSeconds = 10
const minTokenSeconds = 600
const maxTokenSeconds = 2 ** 32

export function validateCsiDriver({ spec }: CSIDriver, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  const need = (member: keyof CSIDriverSpec, field: string = member) =>
    spec[member] === undefined ? [fieldErrors.required(`spec.${field}`)] : []
  const { fsGroupPolicy, volumeLifecycleModes, nodeAllocatableUpdatePeriodSeconds: period } = spec
  const errors = [...need('attachRequired', 'attachedRequired'), ...need('podInfoOnMount'), ...need('storageCapacity')]
  if (fsGroupPolicy !== undefined) errors.push(...checkOneOf(fsGroupPolicy, 'spec.fsGroupPolicy', fsGroupPolicies))
  errors.push(...validateTokenRequests(spec, 'spec.tokenRequests'))
  for (const mode of volumeLifecycleModes ?? []) {
    errors.push(...checkOneOf(mode, 'spec.volumeLifecycleModes', lifecycleModes))
  }
  errors.push(...need('seLinuxMount'))
  if (period !== undefined && period < minUpdateSeconds) {
    const detail = 'must be greater than or equal to 10 seconds'
    errors.push(fieldErrors.invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, detail))
  }
  const inSecrets = spec.serviceAccountTokenInSecrets
  if (inSecrets !== undefined && !spec.tokenRequests?.length) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(fieldErrors.invalid('spec.serviceAccountTokenInSecrets', inSecrets, detail))
  }
  return enabled('VolumeLimitScaling') ? [...errors, ...need('preventPodSchedulingIfMissing')] : errors
}

function validateTokenRequests({ tokenRequests }: CSIDriverSpec, field: string): FieldError[] {
  const audiences = new Set<string>()
  return (tokenRequests ?? []).flatMap(({ audience = '', expirationSeconds: seconds }, index) => {
    if (audiences.has(audience)) return [fieldErrors.duplicate(`${field}[${index}].audience`, audience)]
    audiences.add(audience)
    if (seconds === undefined || (seconds >= minTokenSeconds && seconds <= maxTokenSeconds)) return []
    const detail = `may not specify a duration ${seconds < minTokenSeconds ? 'less than 10 minutes' : 'larger than 2^32 seconds'}`
    return [fieldErrors.invalid(`${field}[${index}].expirationSeconds`, seconds, detail)]
  })
}

export function validateCsiDriverUpdate(
  driver: CSIDriver,
  old: CSIDriver,
  context: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  const { attachRequired, volumeLifecycleModes } = driver.spec
  const before = old.spec
  return [
    ...validateCsiDriver(driver, context),
    ...validateImmutable(attachRequired ?? null, before.attachRequired ?? null, 'spec.attachedRequired'),
    ...validateImmutable(
      volumeLifecycleModes ?? null,
      before.volumeLifecycleModes ?? null,
      'spec.volumeLifecycleModes',
    ),
  ]
}

/** pkg/registry/storage/csidriver. */
export function csiDriverWarnings({ spec }: CSIDriver, old: CSIDriver | undefined): string[] {
  if (!spec.tokenRequests?.length || spec.serviceAccountTokenInSecrets !== undefined) return []
  if (old && jsonEqual(spec.tokenRequests, old.spec.tokenRequests)) return []
  return [
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ]
}
