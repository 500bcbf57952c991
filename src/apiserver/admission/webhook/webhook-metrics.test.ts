import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forbidden } from '../../../machinery/errors.ts'
import { MetricsRegistry } from '../../../machinery/metrics.ts'
import { WebhookCallError } from './call-error.ts'
import { WebhookMetrics } from './webhook-metrics.ts'

test('what webhooks let through, refuse and fail at is told apart', () => {
  const registry = new MetricsRegistry()
  const metrics = new WebhookMetrics(registry)
  const call = (error: unknown, ignored = false) => metrics.called('w', 'admit', 'CREATE', 0.2, error, ignored)
  call(undefined)
  call(forbidden({ group: '', resource: 'pods' }, 'p', 'no'))
  call(new WebhookCallError('w', 'down'))
  call(new WebhookCallError('w', 'down'), true)
  const text = registry.text()
  const lines = (name: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`apiserver_admission_webhook_${name}{`))
      .map((line) => line.slice(line.indexOf('{')))
  const of = 'name="w",operation="CREATE"'
  assert.deepEqual(lines('request_total'), [
    `{code="200",${of},rejected="false",type="admit"} 1`,
    `{code="403",${of},rejected="true",type="admit"} 1`,
    `{code="503",${of},rejected="true",type="admit"} 1`,
    `{code="503",${of},rejected="false",type="admit"} 1`,
  ])
  assert.deepEqual(lines('rejection_count'), [
    `{error_type="no_error",${of},rejection_code="403",type="admit"} 1`,
    `{error_type="calling_webhook_error",${of},rejection_code="503",type="admit"} 1`,
  ])
  assert.deepEqual(lines('fail_open_count'), ['{name="w",type="admit"} 1'])
  assert.deepEqual(lines('admission_duration_seconds_count'), [
    `{${of},rejected="false",type="admit"} 2`,
    `{${of},rejected="true",type="admit"} 2`,
  ])
})
