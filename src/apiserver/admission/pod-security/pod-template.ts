import type { PodSpec } from '../../../api/types.generated.ts'
import type { GroupResource, KubeObject, ObjectMeta } from '../../../machinery/meta/object.ts'

export interface PodLike {
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
}

const paths: Readonly<Record<string, readonly string[]>> = {
  replicationcontrollers: ['spec', 'template'],
  podtemplates: ['template'],
  'replicasets.apps': ['spec', 'template'],
  'deployments.apps': ['spec', 'template'],
  'statefulsets.apps': ['spec', 'template'],
  'daemonsets.apps': ['spec', 'template'],
  'jobs.batch': ['spec', 'template'],
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template'],
}

function pathOf({ group, resource }: GroupResource): readonly string[] | undefined {
  const name = group === '' ? resource : `${resource}.${group}`
  return Object.hasOwn(paths, name) ? paths[name] : undefined
}

export function holdsPodTemplate(resource: GroupResource): boolean {
  return pathOf(resource) !== undefined
}

/** The pods that an object asks for; undefined: it says nothing of them. */
export function podTemplateOf(resource: GroupResource, object: KubeObject): PodLike | undefined {
  let at: unknown = object
  for (const step of pathOf(resource) ?? []) at = (at as Record<string, unknown> | undefined | null)?.[step]
  const template = at as Partial<PodLike> | undefined | null
  if (!template?.spec) return undefined
  return { metadata: template.metadata ?? {}, spec: template.spec }
}
