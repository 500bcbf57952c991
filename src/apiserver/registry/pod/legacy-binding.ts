import type { Binding } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { VirtualResource } from '../../handlers/virtual-resource.ts'
import { admissionAttributes, beginWrite, readObject } from '../../handlers/write.ts'
import type { Registry } from '../registry.ts'
import { ensureNamespace } from '../strategy.ts'
import { bindPod, checkBinding, created } from './binding.ts'

/** POST of `bindings`: the old way to bind a pod, which names itself in the body. */
export function legacyBindings(clock: Clock, pods: () => Registry): VirtualResource {
  return async (context, resource, services) => {
    const write = beginWrite(context, resource, services, 'CreateOptions')
    const draft = await readObject(write, resource.definition)
    ensureNamespace(draft, write.scope.namespace)
    const attributes = admissionAttributes(write, 'CREATE', { object: draft, name: draft.metadata.name })
    await services.admission.mutate(attributes)
    const binding = draft as KubeObject as Binding
    checkBinding(binding)
    await services.admission.validate(attributes)
    await bindPod(pods(), binding, context.info.namespace, write.dryRun, clock)
    return created()
  }
}
