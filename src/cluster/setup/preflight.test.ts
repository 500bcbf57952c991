import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { checkDisk, checkPort } from './preflight.ts'

test('a port in use is told with what to do', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  await assert.rejects(
    checkPort('127.0.0.1', port),
    new RegExp(`^Error: port ${port} on 127.0.0.1 is in use: end what listens there, or choose another with --port$`),
  )
})

test('a disk that is nearly full is told with what to do', () => {
  assert.throws(
    () => checkDisk('/data', 1024 * 1024),
    /the disk of \/data has 1 MiB free, a cluster needs 300: make room/,
  )
  checkDisk('/data', 1e10)
})
