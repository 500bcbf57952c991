import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FairnessRequest } from './fairness.ts'
import { createMaxInFlight } from './max-in-flight.ts'
import type { Overloaded } from './overloaded.ts'

const request = (verb: string, ...groups: string[]): FairnessRequest => ({
  user: { name: 'joe', groups },
  verb,
  resourceRequest: true,
  namespace: 'default',
  apiGroup: '',
  resource: 'pods',
  subresource: '',
  path: '/api/v1/namespaces/default/pods',
})

test('reads and writes have limits of their own, beyond which nobody waits', async () => {
  const fair = createMaxInFlight({ reads: 1, writes: 2 })
  const read = await fair.admit(request('list'))
  assert.throws(
    () => fair.admit(request('get')),
    (error: Overloaded) => error.code === 429 && error.status.details?.retryAfterSeconds === 1,
  )
  await fair.admit(request('create'))
  await fair.admit(request('deletecollection'))
  assert.throws(() => fair.admit(request('patch')), { code: 429 })
  read.release()
  read.release()
  await fair.admit(request('get'))
  assert.throws(() => fair.admit(request('get')), { code: 429 })
})

test('watches do not count, system:masters are served in any case, 0 is no limit', async () => {
  const fair = createMaxInFlight({ reads: 1, writes: 0 })
  for (let index = 0; index < 5; index++) await fair.admit(request('watch'))
  await fair.admit(request('get'))
  const seat = await fair.admit(request('get', 'system:masters'))
  seat.release()
  assert.throws(() => fair.admit(request('get')), { code: 429 })
  for (let index = 0; index < 50; index++) await fair.admit(request('update'))
})
