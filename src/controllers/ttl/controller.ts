import { nodes } from '../../api/core/v1/node.ts'
import type { Node } from '../../api/types.generated.ts'
import type { Controller } from '../runtime/controller.ts'
import { defineController } from '../runtime/define-controller.ts'
import { nextStep, reconcile } from './reconcile.ts'

const name = 'ttl-controller'

/** TTL: the larger the cluster, the less often kubelets ask (pkg/controller/ttl). */
export const ttlController: Controller = {
  name,
  start(context) {
    let step = 0
    return defineController<Node>({
      name,
      for: nodes,
      reconcile(observed) {
        step = nextStep(step, observed.view(nodes).list().length)
        return reconcile(observed, step)
      },
    }).start(context)
  },
}
