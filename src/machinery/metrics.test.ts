import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsRegistry } from './metrics.ts'

test('series are written with their labels, names in order', () => {
  const metrics = new MetricsRegistry()
  const requests = metrics.counter('requests_total', 'How many.', ['verb', 'path'])
  requests.labels('GET', '/a"b').inc()
  requests.labels('GET', '/a"b').inc(2)
  metrics.gauge('inflight', 'Now.').labels().set(3.5)
  assert.equal(
    metrics.text(),
    '# HELP inflight Now.\n# TYPE inflight gauge\ninflight 3.5\n' +
      '# HELP requests_total How many.\n# TYPE requests_total counter\nrequests_total{path="/a\\"b",verb="GET"} 3\n',
  )
})

test('a histogram counts what is at most as large as each bound', () => {
  const metrics = new MetricsRegistry()
  const seconds = metrics.histogram('seconds', 'Time.', [0.1, 1], ['verb']).labels('GET')
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value)
  assert.deepEqual(metrics.text().split('\n').slice(2, -1), [
    'seconds_bucket{verb="GET",le="0.1"} 2',
    'seconds_bucket{verb="GET",le="1"} 3',
    'seconds_bucket{verb="GET",le="+Inf"} 4',
    'seconds_sum{verb="GET"} 7.65',
    'seconds_count{verb="GET"} 4',
  ])
})

test('collected series are read when they are asked for, and a name is declared once', () => {
  const metrics = new MetricsRegistry()
  let size = 1
  metrics.collect('objects', 'Objects.', 'gauge', ['resource'], () => [[['pods'], size]])
  size = 5
  assert.match(metrics.text(), /objects\{resource="pods"\} 5/)
  metrics.counter('a', '')
  assert.throws(() => metrics.counter('a', ''), /declared twice/)
})

test('what has labels is told once it has a series, what has none from the start', () => {
  const metrics = new MetricsRegistry()
  metrics.counter('errors_total', 'Errors.', ['code'])
  metrics.counter('starts_total', 'Starts.')
  metrics.collect('sizes', 'Sizes.', 'gauge', ['name'], () => [])
  assert.equal(metrics.text(), '# HELP starts_total Starts.\n# TYPE starts_total counter\nstarts_total 0\n')
  assert.deepEqual(metrics.descriptions(), [
    { name: 'errors_total', type: 'counter', labelNames: ['code'] },
    { name: 'starts_total', type: 'counter', labelNames: [] },
    { name: 'sizes', type: 'gauge', labelNames: ['name'] },
  ])
})
