import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { adoption, defineController, watching } from '../runtime/define-controller.ts'
import { isMember, parseMember } from './ordinals.ts'
import { reconcile } from './reconcile.ts'

/** StatefulSet: numbered pods with a name and storage that stay. */
export const statefulSetController = defineController<StatefulSet>({
  name: 'statefulset-controller',
  for: statefulSets,
  owns: [pods, controllerRevisions],
  adopts: [
    adoption<StatefulSet, Pod>({
      ref: pods,
      selector: ({ spec }) => cachedSelector(spec.selector),
      belongs: isMember,
    }),
    adoption<StatefulSet, ControllerRevision>({
      ref: controllerRevisions,
      selector: ({ spec }) => cachedSelector(spec.selector),
    }),
  ],
  watches: [
    watching<PersistentVolumeClaim>({
      ref: persistentVolumeClaims,
      // A pod that waits for a claim to go can be made then.
      keys: ({ type, object: { metadata } }, view) => {
        if (type !== 'deleted') return []
        const parent = parseMember(metadata.name)?.parent ?? ''
        return view(statefulSets)
          .byIndex('namespace', metadata.namespace ?? '')
          .filter((set) =>
            set.spec.volumeClaimTemplates?.some(
              (template) => parent === `${template.metadata.name}-${set.metadata.name}`,
            ),
          )
          .map(keyOf)
      },
    }),
  ],
  reconcile,
})
