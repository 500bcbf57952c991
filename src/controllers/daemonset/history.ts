import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { daemonSets } from '../../api/apps/v1/daemon-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { ControllerRevision, DaemonSet, Pod } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'
import {
  byRevision,
  deleteRevision,
  nextRevision,
  revisionHashLabel,
  templatePatch,
  updateRevision,
} from '../history/revisions.ts'
import { templateHash } from '../pods/template-hash.ts'
import type { Observed } from '../runtime/observed.ts'
import { controllerReference } from '../runtime/ownership.ts'
import type { Step } from '../runtime/plan.ts'

/** The revisions of a DaemonSet, and what to write so that they are in order. */
export interface History {
  /** The hash of the present template. */
  readonly hash: string
  readonly old: readonly ControllerRevision[]
  readonly steps: readonly Step[]
  /** Another template has taken the name that the present one would get. */
  readonly collision: boolean
}

/** The revision of the present template, made if there is none (daemon/update.go constructHistory). */
export function constructHistory(observed: Observed<DaemonSet>): History {
  const { object: set, view } = observed
  const steps: Step[] = []
  const present = templatePatch(set.spec.template)
  const revisions = observed.owned(controllerRevisions).map((revision) => {
    if (hashOf(revision) !== undefined) return revision
    // Very old ones: their name does as well.
    const labels = { ...revision.metadata.labels, [revisionHashLabel]: revision.metadata.name! }
    const labelled = { ...revision, metadata: { ...revision.metadata, labels } }
    steps.push(updateRevision(labelled))
    return labelled
  })
  const current = revisions.filter(({ data }) => jsonEqual(data, present)).sort(byRevision)
  const old = revisions.filter((revision) => !current.includes(revision)).sort(byRevision)
  const revision = nextRevision(old)

  const kept = current.at(-1)
  if (kept === undefined) {
    const created = snapshot(set, revision)
    const taken = view(controllerRevisions).get(`${set.metadata.namespace}/${created.metadata.name}`)
    const collision = taken !== undefined && !jsonEqual(taken.data, present)
    if (taken === undefined) steps.push({ do: 'create', ref: controllerRevisions, object: created })
    return { hash: (taken && hashOf(taken)) ?? hashOf(created)!, old, steps, collision }
  }
  const hash = hashOf(kept)!
  if (current.length > 1) steps.push(...dedupe(observed.owned(pods), current, kept, hash))
  if (kept.revision < revision) steps.push(updateRevision({ ...kept, revision }))
  return { hash, old, steps, collision: false }
}

function hashOf({ metadata }: ControllerRevision): string | undefined {
  return metadata.labels?.[revisionHashLabel]
}

function snapshot(set: DaemonSet, revision: number): ControllerRevision {
  const { name = '', namespace, annotations } = set.metadata
  const hash = templateHash(set.spec.template, set.status?.collisionCount)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...set.spec.template.metadata?.labels, [revisionHashLabel]: hash },
      annotations,
      ownerReferences: [controllerReference(set, daemonSets)],
    },
    data: templatePatch(set.spec.template) as unknown as ControllerRevision['data'],
    revision,
  }
}

/** Keeps one of several revisions of the same template; pods are of that one then. */
function dedupe(
  children: readonly Pod[],
  current: readonly ControllerRevision[],
  kept: ControllerRevision,
  hash: string,
): Step[] {
  return [
    ...children
      .filter(({ metadata }) => metadata.labels?.[revisionHashLabel] !== hash)
      .map(
        ({ metadata }): Step => ({
          do: 'patch',
          ref: pods,
          key: { namespace: metadata.namespace, name: metadata.name! },
          type: 'merge',
          patch: { metadata: { labels: { [revisionHashLabel]: hash } } },
        }),
      ),
    ...current.filter((revision) => revision !== kept).map(deleteRevision),
  ]
}

/** Deletes the oldest revisions beyond the limit that no pod is made of (daemon/update.go cleanupHistory). */
export function cleanUp(set: DaemonSet, old: readonly ControllerRevision[], children: readonly Pod[]): Step[] {
  const surplus = old.length - (set.spec.revisionHistoryLimit ?? 10)
  if (surplus <= 0) return []
  const live = new Set(children.map(({ metadata }) => metadata.labels?.[revisionHashLabel]))
  return old
    .filter((revision) => !live.has(hashOf(revision)))
    .slice(0, surplus)
    .map(deleteRevision)
}
