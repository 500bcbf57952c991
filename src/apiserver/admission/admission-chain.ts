import type { Clock } from '../../machinery/clock.ts'
import type { AdmissionMetrics, AdmissionType } from './admission-metrics.ts'
import { beginReinvocation } from './reinvocation.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './plugin.ts'
import { timedStep, type AdmissionStep } from './timed-step.ts'

/**
 * All admission plugins as one: mutating ones in order (once more when a webhook changed the object), then, after
 * validation, validating ones in order.
 */
export interface AdmissionChain {
  handles(operation: Operation): boolean
  mutate(attributes: AdmissionAttributes): Promise<void>
  validate(attributes: AdmissionAttributes): Promise<void>
}

/** `told`: where it is told how long they take. */
export function admissionChain(
  plugins: readonly AdmissionPlugin[],
  told?: { readonly metrics: AdmissionMetrics; readonly clock: Clock },
): AdmissionChain {
  const doors = { admit: 'mutate', validate: 'validate' } as const
  const pluginSteps = (operation: Operation, type: AdmissionType): readonly AdmissionStep[] =>
    plugins
      .filter((plugin) => plugin.handles(operation) && plugin[doors[type]] !== undefined)
      .map((plugin) => {
        const run: AdmissionStep = (attributes) => plugin[doors[type]]!(attributes)
        if (told === undefined) return run
        const { metrics, clock } = told
        return timedStep(run, (rejected) => metrics.plugin(plugin.name, operation, rejected, type), clock)
      })
  const whole = (operation: Operation, type: AdmissionType, run: AdmissionStep): AdmissionStep =>
    told === undefined ? run : timedStep(run, (rejected) => told.metrics.step(operation, rejected, type), told.clock)
  const steps = (operation: Operation): Record<AdmissionType, AdmissionStep> => {
    const [mutating, validating] = [pluginSteps(operation, 'admit'), pluginSteps(operation, 'validate')]
    return {
      admit: whole(operation, 'admit', async (attributes) => {
        do await pass(mutating, attributes)
        while (beginReinvocation(attributes))
      }),
      validate: whole(operation, 'validate', (attributes) => pass(validating, attributes)),
    }
  }
  const of: Readonly<Record<Operation, Record<AdmissionType, AdmissionStep>>> = {
    CREATE: steps('CREATE'),
    UPDATE: steps('UPDATE'),
    DELETE: steps('DELETE'),
    CONNECT: steps('CONNECT'),
  }
  return {
    handles: (operation) => plugins.some((plugin) => plugin.handles(operation)),
    mutate: async (attributes) => of[attributes.operation].admit(attributes),
    validate: async (attributes) => of[attributes.operation].validate(attributes),
  }
}

async function pass(steps: readonly AdmissionStep[], attributes: AdmissionAttributes): Promise<void> {
  for (const step of steps) {
    const running = step(attributes)
    if (running !== undefined) await running
  }
}
