import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, test } from 'node:test'
import { nesting, upstreamNesting } from '../../machinery/codec/nesting.ts'
import { openServer, type OpenServer } from '../open-server.fixture.ts'
import { upstreamAnswers } from './answers.fixture.ts'
import { ask } from './ask.fixture.ts'
import { malformed } from './bodies.fixture.ts'
import { victims } from './case.fixture.ts'

/** What we answer otherwise than upstream, and why. */
const ours: Readonly<Record<string, string>> = {
  'json: bad UTF-8 outside strings': 'the message names the character that the bytes were replaced by, not the byte',
  ...(nesting.yaml < upstreamNesting && {
    'yaml: blocks nested two thousand deep': 'without a deep stack we take a thousand levels, upstream ten thousand',
  }),
  'protobuf: a map key of bad UTF-8': 'the message shows the replacement character, not the bytes',
  'protobuf: a name of bad UTF-8': 'the message shows the replacement character, not the bytes',
  'protobuf: messages nested a thousand deep': 'the message shows the replacement character, not the bytes',
}

let open: OpenServer
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const server = () => ({ host: '127.0.0.1', port: open.server.port, agent })
before(async () => {
  open = await openServer({ listen: { addresses: ['127.0.0.1'], port: 0 } })
  const headers = { 'content-type': 'application/json' }
  for (const { path, object } of victims) {
    await ask(server(), { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(object)) })
  }
})
after(async () => {
  agent.destroy()
  await open[Symbol.asyncDispose]()
})

const types = Map.groupBy(malformed, ({ name }) => name.slice(0, name.indexOf(':')))
for (const [type, bodies] of types) {
  test(`security.md, parser bombs: ${bodies.length} malformed bodies of ${type} are answered as upstream does`, async () => {
    const wanted = upstreamAnswers()
    for (const body of bodies) {
      const answer = await ask(server(), body)
      const { name } = body
      if (ours[name] === undefined) assert.deepEqual(answer, wanted.get(name), name)
      else assert.notDeepEqual(answer, wanted.get(name), `${name} needs no excuse any more`)
      const isRefused = answer.code >= 400 && answer.code <= 422
      assert.ok(isRefused || answer.code === wanted.get(name)!.code, `${name}: ${answer.code}`)
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  })
}
