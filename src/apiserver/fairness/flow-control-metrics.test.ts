import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { FlowControlMetrics } from './flow-control-metrics.ts'

test('requests are counted as they wait, go, end and are refused', () => {
  const registry = new MetricsRegistry()
  const metrics = new FlowControlMetrics(registry, () => [['low', 5]])
  const lines = (name: string) =>
    registry
      .text()
      .split('\n')
      .filter((line) => line.startsWith(`apiserver_flowcontrol_${name}{`))
  const waited = metrics.waits('s', 'low')
  assert.deepEqual(lines('current_inqueue_requests'), [
    'apiserver_flowcontrol_current_inqueue_requests{flow_schema="s",priority_level="low"} 1',
  ])
  waited()
  const through = metrics.began('s', 'low', 3, 0.01)
  assert.match(lines('current_executing_seats')[0]!, / 3$/)
  through()
  assert.match(lines('current_executing_seats')[0]!, / 0$/)
  assert.match(lines('dispatched_requests_total')[0]!, / 1$/)
  metrics.rejected('s', 'low', 'queue-full')
  assert.match(lines('rejected_requests_total')[0]!, /reason="queue-full"\} 1$/)
  assert.match(lines('nominal_limit_seats')[0]!, /\{priority_level="low"\} 5$/)
})
