import { runtimeClasses } from '../../api/node/v1/runtime-class.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { InformerFactory } from '../../client/informer.ts'
import { notFound } from '../../machinery/errors.ts'

/** Which of the runtime's handlers runs a pod. */
export interface RuntimeClasses {
  /** '' is the default. Throws NotFound when the pod names a class that is not there. */
  handler(pod: Pod): Promise<string>
}

export function createRuntimeClasses(informers: InformerFactory): RuntimeClasses {
  return {
    async handler({ spec: { runtimeClassName } }) {
      if (!runtimeClassName) return ''
      // Watched from when the first pod needs it.
      const informer = informers.for(runtimeClasses)
      await informer.whenSynced()
      const found = informer.get(runtimeClassName)
      if (found === undefined) throw notFound({ group: 'node.k8s.io', resource: 'runtimeclass' }, runtimeClassName)
      return found.handler
    },
  }
}
