import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/priority-level-configuration.ts'
import type { FlowSchema, FlowSchemaCondition } from '../../api/types.generated.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Lister } from '../lister.ts'
import type { ObjectWriter } from '../object-writer.ts'

/** Not at once: a cluster that starts has better things to do, and changes come together. */
const delayMs = 250
const retryMs = 2000
const fieldManager = 'api-priority-and-fairness-config-consumer-v1'

/**
 * Writes into each flow schema whether the priority level that it names exists (the condition Dangling; apiserver
 * pkg/util/flowcontrol/apf_controller.go presyncFlowSchemaStatus). Returns what ends it.
 */
export function keepFlowSchemaStatus(options: {
  readonly lister: Lister
  readonly writer: ObjectWriter
  readonly clock: Clock
  readonly log: Logger
}): () => void {
  const { lister, writer, clock, log } = options
  let stopped = false
  let scheduled = false
  let cancel = () => {}

  function schedule(afterMs: number): void {
    if (scheduled || stopped) return
    scheduled = true
    cancel = clock.after(afterMs, () => void run())
  }
  async function run(): Promise<void> {
    try {
      for (const schema of lister.list(flowSchemas)) if (!stopped) await write(schema)
      scheduled = false
      // What changed meanwhile asked in vain.
      if (lister.list(flowSchemas).some((schema) => wantedStatus(schema) !== undefined)) schedule(delayMs)
    } catch (error) {
      scheduled = false
      if (stopped) return
      if (!isReason(error, 'NotFound', 'Conflict'))
        log.warn('the status of a flow schema could not be written', { error })
      schedule(retryMs)
    }
  }
  function wantedStatus(schema: FlowSchema): FlowSchema['status'] | undefined {
    const level = schema.spec.priorityLevelConfiguration.name
    const found = lister.get(priorityLevelConfigurations, '', level) !== undefined
    const what = `This FlowSchema references the PriorityLevelConfiguration object named ${goQuote(level)}`
    const wanted = {
      type: 'Dangling',
      status: found ? 'False' : 'True',
      reason: found ? 'Found' : 'NotFound',
      message: found ? `${what} and it exists` : `${what} but there is no such object`,
    }
    const conditions = schema.status?.conditions ?? []
    if (conditions.some((condition) => says(condition, wanted))) return undefined
    const lastTransitionTime = formatTime(clock.now())
    return { conditions: [{ ...wanted, lastTransitionTime }] }
  }
  async function write(schema: FlowSchema): Promise<void> {
    const status = wantedStatus(schema)
    if (status === undefined) return
    const { name = '' } = schema.metadata
    const configuration = {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name },
      status,
    }
    const options = { subresource: 'status', fieldManager, force: true }
    await writer.patch(flowSchemas, { name }, 'apply', configuration, options)
  }

  const changed = () => schedule(delayMs)
  const stops = [lister.watch(flowSchemas, changed), lister.watch(priorityLevelConfigurations, changed)]
  return () => {
    stopped = true
    cancel()
    for (const stop of stops) stop()
  }
}

function says(condition: FlowSchemaCondition, wanted: FlowSchemaCondition): boolean {
  return (['type', 'status', 'reason', 'message'] as const).every((field) => condition[field] === wanted[field])
}
