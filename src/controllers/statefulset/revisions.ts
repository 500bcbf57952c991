import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '../../api/types.generated.ts'
import { isObject, jsonEqual } from '../../machinery/json.ts'
import { byRevision, deleteRevision, nextRevision, templatePatch, updateRevision } from '../history/revisions.ts'
import { templateHash } from '../pods/template-hash.ts'
import type { Observed } from '../runtime/observed.ts'
import { controllerReference } from '../runtime/ownership.ts'
import type { Step } from '../runtime/plan.ts'
import { revisionOf } from './stateful-pod.ts'

export interface Revision {
  readonly name: string
  readonly template: PodTemplateSpec
}

export interface Revisions {
  /** What all pods were made of last. */
  readonly current: Revision
  /** What they shall be made of. */
  readonly update: Revision
  readonly collisionCount: number
  readonly steps: readonly Step[]
  readonly all: readonly ControllerRevision[]
}

/** Which revisions matter now, and the one of the present template if it is new (getStatefulSetRevisions). */
export function revisionsOf(observed: Observed<StatefulSet>): Revisions {
  const { object: set } = observed
  const all = [...observed.owned(controllerRevisions)].sort(byRevision)
  const present = templatePatch(set.spec.template)
  const equal = all.findLast(({ data }) => jsonEqual(data, present))
  const steps: Step[] = []
  let collisionCount = set.status?.collisionCount ?? 0
  let update: Revision
  if (equal !== undefined) {
    update = { name: equal.metadata.name!, template: set.spec.template }
    // A rollback: it comes to the front again.
    if (equal !== all.at(-1)) steps.push(updateRevision({ ...equal, revision: nextRevision(all) }))
  } else {
    let created = snapshot(set, nextRevision(all), collisionCount)
    for (;;) {
      const taken = observed.view(controllerRevisions).get(`${set.metadata.namespace}/${created.metadata.name}`)
      if (taken === undefined) {
        steps.push({ do: 'create', ref: controllerRevisions, object: created })
        break
      }
      if (jsonEqual(taken.data, present)) break
      created = snapshot(set, nextRevision(all), ++collisionCount)
    }
    update = { name: created.metadata.name!, template: set.spec.template }
  }
  const former = all.find(({ metadata }) => metadata.name === set.status?.currentRevision)
  const current = former === undefined ? update : { name: former.metadata.name!, template: templateOf(former) }
  return { current, update, collisionCount, steps, all }
}

function snapshot(set: StatefulSet, revision: number, collisionCount: number): ControllerRevision {
  const { name = '', namespace, annotations } = set.metadata
  const hash = templateHash(set.spec.template, collisionCount)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name.slice(0, 223)}-${hash}`,
      namespace,
      labels: { ...set.spec.template.metadata?.labels, 'controller.kubernetes.io/hash': hash },
      annotations,
      ownerReferences: [controllerReference(set, statefulSets)],
    },
    data: templatePatch(set.spec.template) as unknown as ControllerRevision['data'],
    revision,
  }
}

function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data
  const { $patch: _, ...template } = isObject(spec) && isObject(spec.template) ? spec.template : {}
  return template as unknown as PodTemplateSpec
}

/** Deletes the oldest revisions beyond the limit that nothing is made of. */
export function truncateHistory(set: StatefulSet, { all, current, update }: Revisions, pods: readonly Pod[]): Step[] {
  const limit = set.spec.revisionHistoryLimit ?? 10
  if (limit < 0) return []
  const live = new Set([current.name, update.name, ...pods.map(revisionOf)])
  const old = all.filter(({ metadata }) => !live.has(metadata.name!))
  return old.slice(0, Math.max(0, old.length - limit)).map(deleteRevision)
}
