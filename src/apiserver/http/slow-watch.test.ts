import assert from 'node:assert/strict'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { configMap, configMapsPath, openServer } from '../open-server.fixture.ts'

const large = (name: string) => ({ ...configMap(name), data: { text: 'x'.repeat(200_000) } })

async function watching(address: string): Promise<IncomingMessage> {
  const asked = request(`${address}${configMapsPath}?watch=true&resourceVersion=0&timeoutSeconds=600`)
  asked.end()
  return new Promise((resolve, reject) => asked.once('response', resolve).once('error', reject))
}

async function lines(response: IncomingMessage, count: number): Promise<{ type: string; name: string }[]> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.split('\n').length > count) break
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string } } }
      return { type, name: object.metadata.name }
    })
}

test('a reader that pauses over HTTP/1.1 gets everything afterwards, whole and in order', async () => {
  await using open = await openServer({ listen: { addresses: ['127.0.0.1'], port: 0 }, shutdownGraceMs: 100 })
  const response = await watching(open.server.address)
  response.pause()
  const names = Array.from({ length: 40 }, (_, index) => `slow-${index}`)
  for (const name of names) assert.equal((await open.call('POST', configMapsPath, large(name))).status, 201)
  assert.deepEqual(
    await lines(response, names.length),
    names.map((name) => ({ type: 'ADDED', name })),
  )
})

test('a reader that stays behind is cut, so that it begins again', async () => {
  await using open = await openServer({ listen: { addresses: ['127.0.0.1'], port: 0 }, shutdownGraceMs: 100 })
  const response = await watching(open.server.address)
  response.pause()
  for (let index = 0; index < 140; index++) await open.call('POST', configMapsPath, large(`cut-${index}`))
  let received = 0
  for await (const chunk of response) received += (chunk as Buffer).byteLength
  assert.ok(received < 140 * 200_000, `all ${received} bytes came, to a reader that was not there`)
})
