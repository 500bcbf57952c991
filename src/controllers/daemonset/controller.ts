import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { daemonSets } from '../../api/apps/v1/daemon-set.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import type { Controller } from '../runtime/controller.ts'
import { adoption, defineController, watching } from '../runtime/define-controller.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { FailedPodBackoff } from './failed-pod-backoff.ts'
import { placementOf } from './placement.ts'
import { reconcile } from './reconcile.ts'

const name = 'daemon-set-controller'
const eventSource = 'daemonset-controller'

/** DaemonSet: a pod on every node. */
export const daemonSetController: Controller = {
  name,
  eventSource,
  start(context) {
    const backoff = new FailedPodBackoff(context.clock)
    return defineController<DaemonSet>({
      name,
      eventSource,
      for: daemonSets,
      owns: [pods, controllerRevisions],
      // Of two revisions with the same data one is removed, but not as soon as the second is there (addHistory).
      quietlyOwns: [controllerRevisions],
      adopts: [
        adoption<DaemonSet, Pod>({ ref: pods, selector: ({ spec }) => cachedSelector(spec.selector) }),
        adoption<DaemonSet, ControllerRevision>({
          ref: controllerRevisions,
          selector: ({ spec }) => cachedSelector(spec.selector),
        }),
      ],
      watches: [
        watching<Node>({
          ref: nodes,
          keys: ({ type, object: node, old }, view) => {
            const changed =
              old === undefined ||
              !semanticEqual(old.metadata.labels, node.metadata.labels) ||
              !semanticEqual(old.spec?.taints, node.spec?.taints)
            if (!changed) return []
            return view(daemonSets)
              .list()
              .filter((set) => {
                const placement = placementOf(set)
                if (old === undefined) return type === 'added' || placement(node).shouldRun
                return !semanticEqual(placement(old), placement(node))
              })
              .map(keyOf)
          },
        }),
      ],
      reconcile(observed) {
        const { metadata, status } = observed.object
        const keyFor = (nodeName: string) => `${metadata.uid}/${status?.observedGeneration ?? 0}/${nodeName}`
        const { plan, killed } = reconcile(observed, (nodeName) => backoff.waitMs(keyFor(nodeName)))
        for (const nodeName of killed) backoff.killed(keyFor(nodeName))
        return plan
      },
    }).start(context)
  },
}
