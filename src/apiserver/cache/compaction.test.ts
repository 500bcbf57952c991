import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { configMap, configMapsPath, openServer } from '../open-server.fixture.ts'

test('history is kept for five minutes, and forgotten within ten', async () => {
  const clock = new VirtualClock()
  await using open = await openServer({ clock })
  for (const name of ['a', 'b']) await open.call('POST', configMapsPath, configMap(name))
  const first = await open.call('GET', configMapsPath, undefined, { query: { limit: '1' } })
  const { continue: next } = first.body.metadata as { continue?: string }
  await open.call('POST', configMapsPath, configMap('c'))
  const page = async () => (await open.call('GET', configMapsPath, undefined, { query: { continue: next! } })).status
  await clock.advance(301_000)
  assert.equal(await page(), 200)
  await clock.advance(300_000)
  assert.equal(await page(), 410)
})
