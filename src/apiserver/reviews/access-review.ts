import type { UserInfo } from '../../api/user.ts'
import { badRequest, invalid } from '../../machinery/errors.ts'
import { type FieldError, fieldErrors } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { AuthorizationResult, Authorizer } from '../authorization/authorizer.ts'
import type { Review, Reviews } from '../authorization/review.ts'
import { pathRequest, type ReviewedRequest, resourceRequest } from './access-review-attributes.ts'
import {
  type AccessReviewSpec,
  shownPath,
  validateAccessReviewSpec,
  validateEmptyMetadata,
} from './access-review-validation.ts'

interface AccessReview extends KubeObject {
  readonly spec: AccessReviewSpec
}

/** SubjectAccessReview and its siblings (pkg/registry/authorization). */
export function createAccessReviews(authorizer: Authorizer): Reviews {
  const answer = async (review: KubeObject, { attributes, errors }: ReviewedRequest): Promise<KubeObject> => {
    const result = await authorizer.authorize(attributes)
    return { ...review, status: statusOf(result, errors) } as KubeObject
  }
  return {
    'subjectaccessreviews.authorization.k8s.io': async (object) => {
      const { spec, metadata } = object as AccessReview
      const errors = validateAccessReviewSpec(spec ?? {}, true)
      refuse([...errors, ...validateEmptyMetadata(metadata, ['managedFields'], 'must be empty')])
      return answer(object, requestOf(userOf(spec), spec))
    },
    'localsubjectaccessreviews.authorization.k8s.io': async (object, { namespace }) => {
      const { spec, metadata } = object as AccessReview
      const errors: FieldError[] = [
        ...validateAccessReviewSpec(spec ?? {}, true),
        ...validateEmptyMetadata(metadata, ['managedFields', 'namespace'], 'must be empty except for namespace'),
      ]
      const own = metadata.namespace ?? ''
      const asked = spec.resourceAttributes?.namespace ?? ''
      if (spec.resourceAttributes !== undefined && asked !== own)
        errors.push(fieldErrors.invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'))
      if (spec.nonResourceAttributes !== undefined)
        errors.push(
          fieldErrors.invalid(
            'spec.nonResourceAttributes',
            shownPath(spec.nonResourceAttributes),
            'disallowed on this kind of request',
          ),
        )
      refuse(errors)
      if (namespace !== own) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
      return answer(object, requestOf(userOf(spec), spec))
    },
    'selfsubjectaccessreviews.authorization.k8s.io': async (object, { user }) => {
      const { spec, metadata } = object as AccessReview
      const errors = validateAccessReviewSpec(spec ?? {}, false)
      refuse([...errors, ...validateEmptyMetadata(metadata, ['managedFields'], 'must be empty')])
      return answer(object, requestOf(user, spec))
    },
    'selfsubjectrulesreviews.authorization.k8s.io': createRulesReview(authorizer),
  }
}

function createRulesReview(authorizer: Authorizer): Review {
  return async (object, { user }) => {
    const { namespace } = (object as KubeObject & { spec?: { namespace?: string } }).spec ?? {}
    if (!namespace) throw badRequest('no namespace on request')
    const rules = await authorizer.rulesFor?.(user, namespace)
    const status = {
      resourceRules: (rules?.resourceRules ?? []).map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        resourceNames,
      })),
      nonResourceRules: (rules?.nonResourceRules ?? []).map(({ verbs, nonResourceURLs }) => ({
        verbs,
        nonResourceURLs,
      })),
      incomplete: rules?.incomplete ?? false,
      evaluationError: rules?.evaluationError || undefined,
    }
    // Upstream answers with a new object: neither metadata nor spec come back.
    return { apiVersion: object.apiVersion, kind: object.kind, metadata: {}, spec: {}, status } as KubeObject
  }
}

function refuse(errors: readonly FieldError[]): void {
  // Upstream's reviews do not know what they are when they are refused.
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors)
}

function userOf({ user = '', uid, groups = [], extra }: AccessReviewSpec): UserInfo {
  return { name: user, uid, groups, extra }
}

function requestOf(user: UserInfo, { resourceAttributes, nonResourceAttributes }: AccessReviewSpec): ReviewedRequest {
  return resourceAttributes === undefined
    ? pathRequest(user, nonResourceAttributes ?? {})
    : resourceRequest(user, resourceAttributes)
}

function statusOf({ decision, reason, error }: AuthorizationResult, errors: readonly string[]): object {
  const evaluationError = [...(error ? [error] : []), ...errors].join('; ')
  return {
    allowed: decision === 'allow',
    denied: decision === 'deny' || undefined,
    reason: reason || undefined,
    evaluationError: evaluationError || undefined,
  }
}
