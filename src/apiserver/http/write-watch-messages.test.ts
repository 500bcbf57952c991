import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '../../machinery/clock.ts'
import { decodeWatchEvent } from '../../machinery/codec/protobuf/watch-event.ts'
import { configMap, configMapsPath, openServer } from '../open-server.fixture.ts'

/** A second is soon over. */
const hasty: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / 20, callback) }

/** The messages of a watch that ends, and with which code. */
async function messagesOf(port: number, query: string, accept: string, protocols: string[] = []) {
  const url = `ws://127.0.0.1:${port}${configMapsPath}?watch=1&${query}`
  const socket = new WebSocket(url, protocols, { headers: { accept, origin: 'http://127.0.0.1' } })
  const messages: { readonly data: Buffer; readonly binary: boolean }[] = []
  const upgraded = new Promise<string>((resolve) =>
    socket.on('upgrade', ({ headers }) => resolve(headers['sec-websocket-protocol'] ?? '')),
  )
  socket.on('message', (data: Buffer, binary: boolean) => messages.push({ data, binary }))
  const code = await new Promise<number>((resolve, reject) => socket.on('close', resolve).on('error', reject))
  return { messages, code, protocol: await upgraded }
}

test('a watch over a WebSocket sends a message for each event', async () => {
  await using open = await openServer({ clock: hasty, listen: { addresses: ['127.0.0.1'], port: 0 } })
  for (const name of ['a', 'b']) await open.call('POST', configMapsPath, configMap(name))
  const { port } = open.server
  const json = await messagesOf(port, 'timeoutSeconds=1', 'application/json', ['whatever'])
  assert.equal(json.code, 1000)
  assert.equal(json.protocol, 'whatever')
  assert.deepEqual(
    json.messages.map(({ data, binary }) => {
      const { type, object } = JSON.parse(data.toString())
      return [type, object.metadata.name, binary]
    }),
    [
      ['ADDED', 'a', false],
      ['ADDED', 'b', false],
    ],
  )
  const protobuf = await messagesOf(port, 'timeoutSeconds=1', 'application/vnd.kubernetes.protobuf')
  assert.deepEqual(
    protobuf.messages.map(({ data, binary }) => [decodeWatchEvent(data).type, binary]),
    [
      ['ADDED', true],
      ['ADDED', true],
    ],
  )
  const tooOld = await messagesOf(port, 'resourceVersion=1000000000000&timeoutSeconds=-1', 'application/json')
  assert.equal(JSON.parse(tooOld.messages[0]!.data.toString()).type, 'ERROR')
})
