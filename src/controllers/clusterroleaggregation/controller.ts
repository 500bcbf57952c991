import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import type { ClusterRole } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { reconcile } from './reconcile.ts'

/** ClusterRole aggregation: composes roles of others by label. */
export const clusterRoleAggregationController = defineController<ClusterRole>({
  name: 'clusterrole-aggregation-controller',
  for: clusterRoles,
  ignores: ({ aggregationRule }) => aggregationRule === undefined,
  watches: [
    watching<ClusterRole>({
      ref: clusterRoles,
      // Which role needs which is not known: all that select any are looked at.
      keys: (_, view) =>
        view(clusterRoles)
          .list()
          .filter(({ aggregationRule }) => aggregationRule !== undefined)
          .map(keyOf),
    }),
  ],
  reconcile,
})
