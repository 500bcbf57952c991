import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { listeningPorts, portsIn } from './listening-ports.ts'

test('ports that are listened on are told from those of connections', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue\n'
  const row = (local: string, state: string) => `   0: ${local} 00000000:0000 ${state} 00000000:00000000\n`
  assert.deepEqual(portsIn(head + row('0100007F:192B', '0A') + row('0100007F:1F90', '01')), [6443])
  assert.deepEqual(portsIn(head + row('00000000000000000000000001000000:01BB', '0A')), [443])
})

test('a server of this host is seen', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  assert.ok(listeningPorts().has((server.address() as AddressInfo).port))
})
