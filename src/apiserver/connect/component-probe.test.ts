import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { freePort } from '../../machinery/free-port.ts'
import { createCertificate } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { newKeyPair, privateKeyPem } from '../pki/authority.ts'
import { probePart } from './component-probe.ts'

test('a part is asked at its port, by whatever certificate; what it says and why it is silent is told', async () => {
  const { publicKey, privateKey } = newKeyPair()
  const subject = { commonName: 'part' }
  const raw = createCertificate(
    { subject, publicKey, notBefore: 0, notAfter: Date.UTC(2040, 0), keyUsage: ['digitalSignature'] },
    { subject, publicKey, privateKey },
  )
  const paths: (string | undefined)[] = []
  const server = createServer(
    { cert: encodePem('CERTIFICATE', raw), key: privateKeyPem(privateKey) },
    (request, response) => {
      paths.push(request.url)
      response.writeHead(paths.length === 1 ? 200 : 500).end('ok')
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  assert.deepEqual(await probePart(port), { healthy: true, message: 'ok' })
  assert.deepEqual(await probePart(port), { healthy: false, message: 'HTTP probe failed with statuscode: 500' })
  assert.deepEqual(paths, ['/healthz', '/healthz'])
  server.close()
  const free = await freePort()
  assert.deepEqual(await probePart(free), {
    healthy: false,
    message: `Get "https://127.0.0.1:${free}/healthz": dial tcp 127.0.0.1:${free}: connect: connection refused`,
  })
})
