import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import { GoUrlError, parseGoUrl } from '../../../../machinery/go-url.ts'
import type { CustomResourceDefinition } from '../../../types.generated.ts'

const annotation = 'api-approved.kubernetes.io'
const pointer = 'see https://github.com/kubernetes/enhancements/pull/1111'

export type ApprovalState = 'invalid' | 'approved' | 'bypassed' | 'missing'
export interface Approval {
  readonly state: ApprovalState
  readonly reason: string
}

/** Whether a group is one of the community's, whose definitions are approved by it (apihelpers IsProtectedCommunityGroup). */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group)
}

/** What a definition says of its approval (apihelpers GetAPIApprovalState). */
export function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const text = metadata.annotations?.[annotation] ?? ''
  const must = `protected groups must have approval annotation ${goQuote(annotation)}`
  if (text === '') return { state: 'missing', reason: `${must}, ${pointer}` }
  if (text.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(text)}` }
  if (isUrl(text)) return { state: 'approved', reason: `approved in ${text}` }
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${pointer}` }
}

function isUrl(text: string): boolean {
  try {
    const { host, scheme } = parseGoUrl(text)
    return host !== '' && scheme !== ''
  } catch (error) {
    if (error instanceof GoUrlError) return false
    throw error
  }
}

/** An approval that is as it was is not looked at (validation.go validateAPIApproval). */
export function validateApproval(crd: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(crd.spec.group ?? '')) return []
  const { state, reason } = approvalOf(crd)
  if (old !== undefined && approvalOf(old).state === state) return []
  const field = `metadata.annotations[${annotation}]`
  if (state === 'missing') return [fieldErrors.required(field, reason)]
  return state === 'invalid' ? [fieldErrors.invalid(field, crd.metadata.annotations?.[annotation], reason)] : []
}
