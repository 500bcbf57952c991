import type { Clock } from '../../machinery/clock.ts'
import type { Histogram } from '../../machinery/metrics.ts'
import type { AdmissionMetrics, AdmissionType } from './admission-metrics.ts'
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

/** `told`: where it is told how long they take. */
export function admissionChain(
  plugins: readonly AdmissionPlugin[],
  told?: { readonly metrics: AdmissionMetrics; readonly clock: Clock },
): AdmissionChain {
  const by = (operation: Operation) => plugins.filter((plugin) => plugin.handles(operation))
  const handling: Readonly<Record<Operation, readonly AdmissionPlugin[]>> = {
    CREATE: by('CREATE'),
    UPDATE: by('UPDATE'),
    DELETE: by('DELETE'),
    CONNECT: by('CONNECT'),
  }
  /** In place of a plugin's index; after all of them. */
  const wholeStep = plugins.length
  const doors = { admit: 'mutate', validate: 'validate' } as const
  async function pass(attributes: AdmissionAttributes, type: AdmissionType): Promise<void> {
    const { operation } = attributes
    for (const [index, plugin] of handling[operation].entries()) {
      if (plugin[doors[type]] === undefined) continue
      const running = timed(index, operation, type, () => plugin[doors[type]]!(attributes))
      if (running !== undefined) await running
    }
  }
  // Of those that passed, by the plugin's index: every write asks for all of them.
  const passed: Record<string, Histogram[]> = {}
  for (const operation of Object.keys(handling)) for (const type in doors) passed[operation + type] = []
  /** Runs, and tells how long it took: the plugin of this index, or the whole step. */
  function timed(
    index: number,
    operation: Operation,
    type: AdmissionType,
    run: () => Promise<void> | void,
  ): Promise<void> | void {
    if (told === undefined) return run()
    const { metrics, clock } = told
    const started = clock.monotonic()
    const tell = (rejected: boolean) => {
      const find = () =>
        index === wholeStep
          ? metrics.step(operation, rejected, type)
          : metrics.plugin(handling[operation][index]!.name, operation, rejected, type)
      const histogram = rejected ? find() : (passed[operation + type]![index] ??= find())
      histogram.observe((clock.monotonic() - started) / 1000)
    }
    const failed = (error: unknown): never => {
      tell(true)
      throw error
    }
    try {
      const running = run()
      if (running !== undefined) return running.then(() => tell(false), failed)
    } catch (error) {
      return failed(error)
    }
    tell(false)
  }
  return {
    handles: (operation) => handling[operation].length > 0,
    async mutate(attributes) {
      await timed(wholeStep, attributes.operation, 'admit', async () => {
        do await pass(attributes, 'admit')
        while (beginReinvocation(attributes))
      })
    },
    async validate(attributes) {
      await timed(wholeStep, attributes.operation, 'validate', () => pass(attributes, 'validate'))
    },
  }
}
