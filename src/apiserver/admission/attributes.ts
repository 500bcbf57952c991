import { ApiError, forbidden, type StatusCause } from '../../machinery/errors.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { AdmissionAttributes } from './plugin.ts'

/** Whether a request is for this resource; `subresource`: '' for the resource itself. */
export function isFor(attributes: AdmissionAttributes, resource: string, group = '', subresource = ''): boolean {
  return (
    attributes.resource.resource === resource &&
    attributes.resource.group === group &&
    attributes.subresource === subresource
  )
}

/** The new object, as a private draft. The caller has looked at the resource and the operation. */
export function objectOf<T extends KubeObject>(attributes: AdmissionAttributes): Draft<T> {
  return attributes.object as unknown as Draft<T>
}

/** The stored object. */
export function oldObjectOf<T extends KubeObject>(attributes: AdmissionAttributes): T | undefined {
  return attributes.oldObject as T | undefined
}

/** The refusal of an admission plugin (apiserver pkg/admission/errors.go NewForbidden). */
export function refusal(attributes: AdmissionAttributes, why: string, causes: readonly StatusCause[] = []): ApiError {
  const { metadata } = attributes.object ?? {}
  const name = attributes.name || metadata?.name || metadata?.generateName || 'Unknown'
  const error = forbidden(attributes.resource, name, why)
  if (causes.length === 0) return error
  return new ApiError({ ...error.status, details: { ...error.status.details, causes } })
}

/** The draft belongs to the request: it stays the same object with other content. */
export function replaceContent(draft: Draft<KubeObject>, content: Draft<KubeObject>): void {
  const target = draft as unknown as Record<string, unknown>
  for (const field of Object.keys(target)) delete target[field]
  Object.assign(target, content)
}
