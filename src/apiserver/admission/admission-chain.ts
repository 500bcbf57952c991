import { beginReinvocation } from './reinvocation.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './plugin.ts'

/**
 * All admission plugins as one: mutating ones in order (once more when a webhook changed the object), then, after
 * validation, validating ones in order.
 */
export interface AdmissionChain {
  handles(operation: Operation): boolean
  mutate(attributes: AdmissionAttributes): Promise<void>
  validate(attributes: AdmissionAttributes): Promise<void>
}

export function admissionChain(plugins: readonly AdmissionPlugin[]): AdmissionChain {
  const by = (operation: Operation) => plugins.filter((plugin) => plugin.handles(operation))
  const handling: Readonly<Record<Operation, readonly AdmissionPlugin[]>> = {
    CREATE: by('CREATE'),
    UPDATE: by('UPDATE'),
    DELETE: by('DELETE'),
    CONNECT: by('CONNECT'),
  }
  return {
    handles: (operation) => handling[operation].length > 0,
    async mutate(attributes) {
      do {
        for (const plugin of handling[attributes.operation]) {
          const running = plugin.mutate?.(attributes)
          if (running !== undefined) await running
        }
      } while (beginReinvocation(attributes))
    },
    async validate(attributes) {
      for (const plugin of handling[attributes.operation]) {
        const running = plugin.validate?.(attributes)
        if (running !== undefined) await running
      }
    },
  }
}
