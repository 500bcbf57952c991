import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createHttp1Server } from './http1-server.ts'

test('security.md, transport exhaustion: who does not end its headers is cut, whatever it sends meanwhile', async () => {
  const http1 = createHttp1Server({
    maxHeaderBytes: 1024,
    patienceMs: 30,
    onExchange: () => assert.fail('there is no request'),
    certificateOf: () => undefined,
    closing: () => false,
    date: () => '',
  })
  const server = createServer((socket) => http1.emit('connection', socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nX: ')
  let received = ''
  socket.on('data', (chunk) => (received += String(chunk)))
  await once(socket, 'close')
  assert.equal(received, '')
  http1.close()
  server.close()
})
