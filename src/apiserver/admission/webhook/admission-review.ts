import type { KubeObject } from '../../../machinery/meta/object.ts'
import { isObject } from '../../../machinery/json.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { reviewOptions } from '../review-options.ts'
import { userInfo } from '../../reviews/token-review.ts'
import type { Invocation } from './invocation.ts'

/** What a webhook said, checked for form. */
export interface ReviewAnswer {
  readonly allowed: boolean
  readonly result: Readonly<Record<string, unknown>> | undefined
  readonly patch: Buffer | undefined
  readonly patchType: string
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>
}

/** The AdmissionReview version that both know; undefined: none. */
export function reviewVersion(versions: readonly string[] | undefined): 'v1' | 'v1beta1' | undefined {
  return versions?.find((version) => version === 'v1' || version === 'v1beta1') as 'v1' | 'v1beta1' | undefined
}

/** apiserver pkg/admission/plugin/webhook/request/admissionreview.go. */
export function admissionReview(
  version: 'v1' | 'v1beta1',
  uid: string,
  attributes: AdmissionAttributes,
  { resource, kind }: Invocation,
  objects: { readonly object?: KubeObject; readonly oldObject?: KubeObject },
): object {
  const { operation, subresource, name, namespace, user, dryRun } = attributes
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind,
      resource: { group: resource.group, version: resource.version, resource: resource.resource },
      subResource: subresource || undefined,
      requestKind: attributes.kind,
      requestResource: attributes.resource,
      requestSubResource: subresource || undefined,
      name: name || undefined,
      namespace: namespace || undefined,
      operation,
      userInfo: userInfo(user),
      object: objects.object ?? null,
      oldObject: objects.oldObject ?? null,
      dryRun,
      options: reviewOptions(attributes),
    },
  }
}

/** Checks the form of an answer; throws with upstream's words (VerifyAdmissionResponse). */
export function verifyReview(version: 'v1' | 'v1beta1', uid: string, mutating: boolean, body: unknown): ReviewAnswer {
  const review = isObject(body) ? body : {}
  const response = review.response
  if (!isObject(response)) throw new Error('webhook response was absent')
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const patch = text(response.patch) === '' ? undefined : Buffer.from(text(response.patch), 'base64')
  let patchType = text(response.patchType)
  if (version === 'v1') {
    if (response.uid !== uid)
      throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response.uid))}`)
    if (review.apiVersion !== 'admission.k8s.io/v1' || review.kind !== 'AdmissionReview') {
      const [group = '', of = ''] = text(review.apiVersion).includes('/')
        ? text(review.apiVersion).split('/')
        : ['', text(review.apiVersion)]
      throw new Error(
        `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${group}/${of}, Kind=${text(review.kind)}`,
      )
    }
    const typed = response.patchType !== undefined && response.patchType !== null
    if (mutating) {
      if (patch !== undefined && !typed) throw new Error('webhook returned response.patch but not response.patchType')
      if (patch === undefined && typed) throw new Error('webhook returned response.patchType but not response.patch')
      if (typed && patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
    } else {
      if (patch !== undefined) throw new Error('validating webhook may not return response.patch')
      if (typed) throw new Error('validating webhook may not return response.patchType')
    }
  } else patchType = patch === undefined ? '' : 'JSONPatch'
  const annotations = isObject(response.auditAnnotations) ? response.auditAnnotations : {}
  return {
    allowed: response.allowed === true,
    result: isObject(response.status) ? response.status : undefined,
    patch: mutating ? patch : undefined,
    patchType,
    warnings: Array.isArray(response.warnings) ? response.warnings.map(text).filter((one) => one !== '') : [],
    auditAnnotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, text(value)])),
  }
}
