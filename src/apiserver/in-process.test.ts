import { testTransport } from '../client/transport-conformance.ts'
import { openServer } from './open-server.fixture.ts'

testTransport('in process', async () => {
  const open = await openServer()
  return { transport: open.transport, stop: () => open[Symbol.asyncDispose]() }
})
