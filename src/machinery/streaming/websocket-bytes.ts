import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** A WebSocket's binary messages as one byte stream, for a protocol that is tunnelled through it. */
export function webSocketBytes(socket: WebSocket): Duplex {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (socket.readyState !== socket.OPEN) done(new Error('WebSocket is closed'))
      else socket.send(chunk, { binary: true }, done)
    },
    final: (done) => {
      socket.close(1000)
      done()
    },
    destroy: (error, done) => {
      socket.close(1000)
      done(error)
    },
  })
  stream.on('error', () => {})
  socket.on('message', (data: Buffer) => {
    if (!stream.readableEnded && !stream.push(data)) socket.pause()
  })
  socket.on('error', () => socket.terminate())
  socket.once('close', () => {
    if (!stream.readableEnded) stream.push(null)
    stream.destroy()
  })
  return stream
}
