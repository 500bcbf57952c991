/** What a controller of one's own imports: `import { connect, startController } from 'skiff/controller'`. */
export {
  connect,
  type ControllerCluster,
  type ControllerDeclaration,
  type ReconcileTools,
  startController,
} from './start-controller.ts'
export type { ResourceRef } from '../api/definition.ts'
export type { Client, ObjectKey } from '../client/client.ts'
export type { KubeObject } from '../machinery/meta/object.ts'
