import { fieldErrors, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { byteLength, fieldImmutableMessage } from '../../../../machinery/validation/message-text.ts'
import { validateUserAnnotations } from '../../../core/v1/pod/volumes/projected.ts'
import { checkField } from '../../../field-checks.ts'
import { internalForm } from '../../../internal-form.ts'
import type { PodCertificateRequest } from '../../../types.generated.ts'
import { isKubernetesSigner, validateSignerName } from '../../signer-name.ts'
import { validateStubRequest } from './stub-request.ts'

/** pkg/apis/certificates/validation ValidatePodCertificateRequestCreate. */
const maxUidBytes = 128
const hour = 60 * 60
const maxSeconds = { kubernetes: 24 * hour, others: 91 * 24 * hour } as const

export function validatePodCertificateRequest({ spec }: PodCertificateRequest): FieldError[] {
  const { signerName, unverifiedUserAnnotations: annotations, maxExpirationSeconds: seconds } = spec
  const errors = validateSignerName(signerName, 'spec.signerName')
  if (annotations) errors.push(...validateUserAnnotations(annotations, 'spec.unverifiedUserAnnotations'))
  for (const [name, uid] of [
    ['podName', 'podUID'],
    ['serviceAccountName', 'serviceAccountUID'],
    ['nodeName', 'nodeUID'],
  ] as const) {
    errors.push(...checkField(spec[name] ?? '', `spec.${name}`, (text) => dns1123Subdomain(text)))
    errors.push(...validateUid(spec[uid] ?? '', `spec.${uid}`))
  }
  const field = 'spec.maxExpirationSeconds'
  if (seconds === undefined) return [...errors, fieldErrors.required(field, 'must be set')]
  const max = isKubernetesSigner(signerName) ? maxSeconds.kubernetes : maxSeconds.others
  if (seconds < hour || seconds > max) {
    errors.push(fieldErrors.invalid(field, seconds, `must be in the range [${hour}, ${max}]`))
  }
  if (spec.stubPKCS10Request) return [...errors, ...validateStubRequest(spec.stubPKCS10Request)]
  const detail = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set'
  return [...errors, fieldErrors.invalid('spec', omitValue, detail)]
}

function validateUid(uid: string, field: string): FieldError[] {
  if (uid === '') return [fieldErrors.invalid(field, uid, 'must not be empty')]
  return byteLength(uid) > maxUidBytes ? [fieldErrors.tooLong(field, '', maxUidBytes)] : []
}

/** What was asked for stays. */
export function validatePodCertificateRequestUpdate(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
): FieldError[] {
  if (jsonEqual(request.spec, old.spec)) return []
  return [
    fieldErrors.invalid(
      'spec',
      internalForm('io.k8s.api.certificates.v1.PodCertificateRequestSpec', request.spec),
      fieldImmutableMessage,
    ),
  ]
}
