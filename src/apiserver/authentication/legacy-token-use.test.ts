import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ObjectWriter } from '../object-writer.ts'
import { dateOf, noteLegacyTokenUse } from './legacy-token-use.ts'

test('the use of a Secret’s token is noted once a day', async () => {
  const clock = new VirtualClock()
  const written: KubeObject[] = []
  const writer = {
    update: async (_: unknown, object: KubeObject) => {
      written.push(object)
      return object
    },
  } as unknown as ObjectWriter
  const note = noteLegacyTokenUse({ writer, clock, log: silentLogger })
  const secret = { metadata: { name: 's', namespace: 'ns', uid: 'u', labels: { a: 'b' } } } as unknown as KubeObject
  note(secret)
  note(secret)
  await clock.advance(0)
  const today = dateOf(clock.now())
  assert.deepEqual(
    written.map(({ metadata }) => metadata.labels),
    [{ a: 'b', 'kubernetes.io/legacy-token-last-used': today }],
  )
  note(written[0]!)
  await clock.advance(24 * 3600 * 1000)
  assert.equal(written.length, 1)
  note(written[0]!)
  assert.equal(written.length, 2)
})
