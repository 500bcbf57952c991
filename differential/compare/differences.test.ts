import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../servers/client.ts'
import { differences } from './differences.ts'
import { normalized } from './normalize.ts'

const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: JSON.stringify(body),
})
const between = (upstream: Answer, skiff: Answer) => differences(normalized(upstream), normalized(skiff))

test('uids, times of the run, revisions and allocated addresses are no differences', () => {
  const of = (uid: string, creationTimestamp: string, resourceVersion: string, clusterIP: string) =>
    answer({ metadata: { uid, creationTimestamp, resourceVersion }, spec: { clusterIP } })
  const [one, other] = ['0b7e3a52-3a75-4b3d-8a86-0d5e3d0f6d11', '4c1a9b34-9e0c-4b6e-9f4b-7a8d2a1b9c22']
  const theirs = of(one, '2026-11-21T10:00:00Z', '17', '10.96.1.2')
  assert.deepEqual(between(theirs, of(other, '2026-11-21T10:00:01Z', '18', '10.96.3.4')), [])
})

test('what a case asked for itself is compared', () => {
  const of = (time: string, clusterIP: string) => answer({ time, clusterIP })
  const found = between(of('2020-01-02T03:04:05Z', '10.96.77.1'), of('2020-01-02T03:04:06Z', '10.96.77.2'))
  assert.deepEqual(
    found.map(({ path }) => path),
    ['body.time', 'body.clusterIP'],
  )
})

test('a difference tells its place and both values', () => {
  const found = between(
    answer({ a: [{ b: 1 }, 2] }, 200, { warning: '299 - "a"' }),
    answer({ a: [{ b: 2 }] }, 422, { warning: '299 - "b"' }),
  )
  assert.deepEqual(found, [
    { path: 'status', upstream: 200, skiff: 422 },
    { path: 'header warning', upstream: '299 - "a"', skiff: '299 - "b"' },
    { path: 'body.a[0].b', upstream: 1, skiff: 2 },
    { path: 'body.a[1]', upstream: 2, skiff: undefined },
  ])
})

test('order and notation count', () => {
  const found = between(answer({ a: { x: 1, y: 2 } }), answer({ a: { y: 2, x: 1 } }))
  assert.deepEqual(found, [{ path: 'body.a (order)', upstream: ['x', 'y'], skiff: ['y', 'x'] }])
  const escaped = { status: 200, headers: {}, body: '{"a":"\\u003c"}' }
  assert.deepEqual(
    between(escaped, answer({ a: '<' })).map(({ path }) => path),
    ['body (bytes)'],
  )
})
