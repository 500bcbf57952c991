import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import type { ControllerRevision, PodTemplateSpec } from '../../api/types.generated.ts'
import { sortMembers } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { timeOf } from '../pods/pod-state.ts'
import type { Write } from '../runtime/plan.ts'

/** Marks revisions of a DaemonSet or a StatefulSet, and the pods made of them. */
export const revisionHashLabel = 'controller-revision-hash'

/**
 * What a revision remembers: a strategic merge patch that brings the template back as a whole. Its members are sorted, for
 * clients compare it by its bytes with what Go writes (pkg/controller/daemon/update.go, Match).
 */
export function templatePatch(template: PodTemplateSpec): KubeObject & { spec: unknown } {
  return sortMembers({ spec: { template: { ...template, $patch: 'replace' } } }) as unknown as KubeObject & {
    spec: unknown
  }
}

/** By number; then the older one, then by name (pkg/controller/history byRevision). */
export function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || age(a) - age(b) || (a.metadata.name! < b.metadata.name! ? -1 : 1)
}
function age({ metadata }: ControllerRevision): number {
  return timeOf(metadata.creationTimestamp) ?? 0
}

export function nextRevision(revisions: readonly ControllerRevision[]): number {
  return Math.max(0, ...revisions.map(({ revision }) => revision)) + 1
}

export function deleteRevision(revision: ControllerRevision): Write {
  return { do: 'delete', ref: controllerRevisions, object: revision }
}

export function updateRevision(object: ControllerRevision): Write {
  return { do: 'update', ref: controllerRevisions, object }
}
