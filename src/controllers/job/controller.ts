import { jobs } from '../../api/batch/v1/job.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Job, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { adoption, defineController, watching } from '../runtime/define-controller.ts'
import { isTracked, trackingFinalizer } from './job-pods.ts'
import { isFinished } from './job-state.ts'
import { untrack } from './manage-pods.ts'
import { measure } from './metrics.ts'
import { reconcile } from './reconcile.ts'

const ownName = 'kubernetes.io/job-controller'

function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== ownName
}

/** Job: runs pods to completion. */
export const jobController = defineController({
  name: 'job-controller',
  for: jobs,
  owns: [pods],
  adopts: [
    adoption<Job, Pod>({
      ref: pods,
      selector: (job) => cachedSelector(job.spec.selector),
      finalizers: [trackingFinalizer],
    }),
  ],
  ignores: isManagedElsewhere,
  measure,
  reconcile,
})

/** Lets pods go that a job tracked which is no more. */
export const jobOrphansController = defineController({
  name: 'job-controller',
  for: pods,
  ignores: (pod: Pod) => !isTracked(pod),
  watches: [
    watching<Job>({
      ref: jobs,
      keys: ({ type, object: job }, view) =>
        type === 'deleted' || isFinished(job)
          ? view(pods)
              .byIndex('ownerUid', job.metadata.uid ?? '')
              .filter(isTracked)
              .map(keyOf)
          : [],
    }),
  ],
  reconcile: ({ object: pod, view }) => {
    const owner = controllerOf(pod)
    if (owner !== undefined) {
      if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return {}
      const job = view(jobs).get(`${pod.metadata.namespace}/${owner.name}`)
      const living = job?.metadata.uid === owner.uid ? job : undefined
      if (living !== undefined && (isManagedElsewhere(living) || !isFinished(living))) return {}
    }
    return { steps: [untrack(pod)] }
  },
})
