import type { ResourceRef } from '../../api/definition.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, PodTemplateSpec } from '../../api/types.generated.ts'
import { ApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { controllerReference } from '../runtime/ownership.ts'
import type { Write } from '../runtime/plan.ts'

/** A pod that nobody has seen yet. */
export type NewPod = Omit<Pod, 'status'>

/** A pod made of a template, controlled by `owner` (controller_utils.go GetPodFromTemplate). */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject, ownerRef: ResourceRef): NewPod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const { namespace, name = '' } = owner.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      generateName: podNamePrefix(name),
      labels,
      annotations,
      finalizers,
      ownerReferences: [controllerReference(owner, ownerRef)],
    },
    spec: template.spec,
  }
}

/** The dash makes names prettier, unless there is no room for it. */
export function podNamePrefix(ownerName: string): string {
  return ownerName.length < 253 ? `${ownerName}-` : ownerName
}

/** Creates a pod and tells of it, except when the namespace is being deleted. */
export function createPod(pod: NewPod): Write {
  return {
    do: 'create',
    ref: pods,
    object: pod,
    succeeded: (created) => ({
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${created.metadata.name}`,
    }),
    failed: (error) =>
      isNamespaceTerminating(error)
        ? undefined
        : { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${error.message}` },
  }
}

export function deletePod(pod: Pod): Write {
  return {
    do: 'delete',
    ref: pods,
    object: pod,
    succeeded: () => ({
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${pod.metadata.name}`,
    }),
    failed: (error) => ({ type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${error.message}` }),
  }
}

/** The server refused since the namespace is going away: whatever is created there, there is nothing to do about it. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false)
  )
}
