/** What a test imports: `import { startCluster, deployments } from 'skiff/testing'`. */
export { startCluster, type TestCluster, type TestClusterOptions } from './start-cluster.ts'
export * from './refs.ts'
export type { ResourceRef } from '../api/definition.ts'
export type { Client, ObjectKey } from '../client/client.ts'
export type { KubeObject } from '../machinery/meta/object.ts'
