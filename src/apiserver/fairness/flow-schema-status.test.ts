import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/priority-level-configuration.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { mandatoryPriorityLevels, suggestedFlowSchemas } from '../bootstrap/flow-control-facts.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { createMemoryWriter } from '../memory-writer.ts'
import { keepFlowSchemaStatus } from './flow-schema-status.ts'

test('a flow schema tells whether its priority level exists', async () => {
  const lister = createMemoryLister()
  const writer = createMemoryWriter(lister)
  const clock = new VirtualClock()
  const schema = suggestedFlowSchemas[0]!
  const level = schema.spec.priorityLevelConfiguration.name
  await writer.create(flowSchemas, schema)
  const stop = keepFlowSchemaStatus({ lister, writer, clock, log: silentLogger })
  const dangling = () => lister.get(flowSchemas, '', schema.metadata.name!)?.status?.conditions?.[0]
  await clock.advance(1000)
  const what = `This FlowSchema references the PriorityLevelConfiguration object named "${level}"`
  assert.deepEqual(dangling(), {
    type: 'Dangling',
    status: 'True',
    reason: 'NotFound',
    message: `${what} but there is no such object`,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })
  lister.put(priorityLevelConfigurations, { ...mandatoryPriorityLevels[0]!, metadata: { name: level } })
  await clock.advance(1000)
  assert.equal(dangling()?.message, `${what} and it exists`)
  assert.equal(dangling()?.status, 'False')
  const { writes } = writer
  await clock.advance(60_000)
  assert.equal(writer.writes, writes)
  assert.equal(clock.next(), undefined)
  stop()
  lister.delete(priorityLevelConfigurations, '', level)
  assert.equal(clock.next(), undefined)
})
