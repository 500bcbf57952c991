import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/** A TCP port of the loopback that nobody listens on now. Another process may take it before the caller does. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
