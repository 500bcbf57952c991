import { pods } from '../../../api/core/v1/pod.ts'
import type { Client } from '../../../client/client.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'

/** Binds through `pods/binding` (plugins/defaultbinder). */
export function defaultBinder(client: Client): SchedulerPlugin {
  return {
    name: 'DefaultBinder',
    async bind({ name, namespace, uid }, node) {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: node },
      }
      await client.create(pods, binding as KubeObject, { subresource: 'binding' })
    },
  }
}
