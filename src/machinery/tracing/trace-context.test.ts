import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceContextOf } from './trace-context.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const span = 'b7ad6b7169203331'

test('a trace is passed on as it came', () => {
  const traceparent = `00-${trace}-${span}-01`
  assert.deepEqual(traceContextOf({ traceparent }), { traceparent })
  assert.deepEqual(traceContextOf({ traceparent, tracestate: 'a=b' }), { traceparent, tracestate: 'a=b' })
  assert.deepEqual(traceContextOf({ traceparent: `01-${trace}-${span}-01-more` }), {
    traceparent: `01-${trace}-${span}-01-more`,
  })
})

test('what is no trace is not passed on', () => {
  for (const traceparent of [
    undefined,
    '',
    'tea',
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `ff-${trace}-${span}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace}-${span}-01\r\nx: y`,
  ]) {
    assert.equal(traceContextOf({ traceparent }), undefined, String(traceparent))
  }
})
