import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { compareVersions, parseVersion, type SemanticVersion } from '../../../machinery/semantic-version.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { configMapKey } from '../../../machinery/validation/value-formats.ts'
import type { LeaseCandidate } from '../../types.generated.ts'
import { validateStrategy } from '../v1/validation.ts'

/** pkg/apis/coordination/validation ValidateLeaseCandidateSpec. */
function validate({ spec }: LeaseCandidate): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.leaseName) errors.push(fieldErrors.required('spec.leaseName', ''))
  const read = (member: 'emulationVersion' | 'binaryVersion'): SemanticVersion | undefined => {
    const text = spec[member]
    if (!text) return undefined
    try {
      return parseVersion(text)
    } catch {
      errors.push(fieldErrors.invalid(`spec.${member}`, text, 'must be a valid semantic version'))
      return undefined
    }
  }
  const emulated = read('emulationVersion') ?? zero
  if (!spec.binaryVersion) errors.push(fieldErrors.required('spec.binaryVersion', ''))
  const binary = read('binaryVersion') ?? zero
  if (spec.binaryVersion && spec.emulationVersion && compareVersions(binary, emulated) < 0) {
    const detail = 'must be greater than or equal to `emulationVersion`'
    errors.push(fieldErrors.invalid('spec.binaryVersion', spec.binaryVersion, detail))
  }
  if (!spec.strategy) return [...errors, fieldErrors.required('spec.strategy', '')]
  if (spec.strategy === 'OldestEmulationVersion' && compareVersions(emulated, zero) === 0) {
    const detail = "must be specified when `strategy` is 'OldestEmulationVersion'"
    errors.push(fieldErrors.required('spec.emulationVersion', detail))
  }
  return [...errors, ...validateStrategy(spec.strategy)]
}
const zero = parseVersion('0.0.0')

export const leaseCandidates = defineOptionalKind<LeaseCandidate>(
  { group: 'coordination.k8s.io', version: 'v1beta1', kind: 'LeaseCandidate' },
  {
    nameRule: (name) => configMapKey(name),
    allowCreateOnUpdate: true,
    validate,
    validateUpdate: (candidate, old) => [
      ...validate(candidate),
      ...validateImmutable(candidate.spec.leaseName, old.spec.leaseName, 'spec.leaseName'),
    ],
    columns: [
      nameColumn,
      column('LeaseName', 'string', ({ spec }) => spec.leaseName),
      column('BinaryVersion', 'string', ({ spec }) => spec.binaryVersion),
      column('EmulationVersion', 'string', ({ spec }) => spec.emulationVersion ?? ''),
      ageColumn,
    ],
  },
)
