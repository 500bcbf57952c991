import { deploymentController } from './deployment/controller.ts'
import { replicaSetController } from './replicaset/controller.ts'
import { replicationController } from './replicationcontroller/controller.ts'
import type { Controller } from './runtime/controller.ts'

/** All controllers, in the order in which they start. */
export const controllers: readonly Controller[] = [replicaSetController, replicationController, deploymentController]
