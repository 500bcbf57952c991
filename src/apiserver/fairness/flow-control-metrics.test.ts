import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { FlowControlMetrics } from './flow-control-metrics.ts'

test('requests are counted as they wait, go, end and are refused', () => {
  const registry = new MetricsRegistry()
  const demand = { highWatermark: 12, average: 6, deviation: 2, smoothed: 8 }
  const metrics = new FlowControlMetrics(
    registry,
    () => [{ level: 'low', nominal: 5, lower: 3, upper: 9, current: 7, target: 8, demand }],
    () => 0.75,
  )
  const lines = (name: string) =>
    registry
      .text()
      .split('\n')
      .filter((line) => line.startsWith(`apiserver_flowcontrol_${name}{`))
  const waited = metrics.waits('s', 'low', 2)
  assert.deepEqual(lines('current_inqueue_requests'), [
    'apiserver_flowcontrol_current_inqueue_requests{flow_schema="s",priority_level="low"} 1',
  ])
  assert.match(lines('current_inqueue_seats')[0]!, / 2$/)
  waited()
  const through = metrics.began('s', 'low', 3, 0.01)
  assert.match(lines('current_executing_seats')[0]!, / 3$/)
  through(0.5)
  assert.deepEqual(lines('request_execution_seconds_sum'), [
    'apiserver_flowcontrol_request_execution_seconds_sum{flow_schema="s",priority_level="low",type="regular"} 0.5',
  ])
  assert.match(lines('current_executing_seats')[0]!, / 0$/)
  assert.match(lines('dispatched_requests_total')[0]!, / 1$/)
  metrics.rejected('s', 'low', 'queue-full')
  assert.match(lines('rejected_requests_total')[0]!, /reason="queue-full"\} 1$/)
  for (const [name, seats] of [
    ['nominal_limit_seats', 5],
    ['lower_limit_seats', 3],
    ['upper_limit_seats', 9],
    ['current_limit_seats', 7],
    ['target_seats', 8],
    ['demand_seats_high_watermark', 12],
    ['demand_seats_average', 6],
    ['demand_seats_stdev', 2],
    ['demand_seats_smoothed', 8],
  ])
    assert.deepEqual(lines(`${name}`), [`apiserver_flowcontrol_${name}{priority_level="low"} ${seats}`])
  assert.match(registry.text(), /^apiserver_flowcontrol_seat_fair_frac 0.75$/m)
})
