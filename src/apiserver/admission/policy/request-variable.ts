import type { Namespace } from '../../../api/types.generated.ts'
import type { GroupVersionKind, GroupVersionResource } from '../../../machinery/meta/object.ts'
import { userInfo } from '../../reviews/token-review.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { reviewOptions } from '../review-options.ts'

/** `request`: what a webhook would be told, without the objects (apiserver pkg/admission/plugin/cel CreateAdmissionRequest). */
export function requestVariable(
  attributes: AdmissionAttributes,
  resource: GroupVersionResource,
  kind: GroupVersionKind,
): Readonly<Record<string, unknown>> {
  const { operation, subresource, name, namespace, user, dryRun } = attributes
  return {
    kind,
    resource,
    subResource: subresource || undefined,
    requestKind: attributes.kind,
    requestResource: attributes.resource,
    requestSubResource: subresource || undefined,
    name: name || undefined,
    namespace: namespace || undefined,
    operation,
    userInfo: userInfo(user),
    dryRun,
    options: reviewOptions(attributes) ?? undefined,
  }
}

const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'finalizers',
] as const

/** `namespaceObject`: null for what is in none (CreateNamespaceObject). */
export function namespaceVariable(namespace: Namespace | undefined): Readonly<Record<string, unknown>> | null {
  if (namespace === undefined) return null
  const { metadata, spec, status } = namespace
  const shown = Object.fromEntries(
    metadataFields.filter((field) => metadata[field] !== undefined).map((field) => [field, metadata[field]]),
  )
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} }
}
