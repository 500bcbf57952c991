import { createSocket } from 'node:dgram'
import { nodes } from '../api/core/v1/node.ts'
import type { InformerFactory } from '../client/informer.ts'
import { pause, type Clock } from '../machinery/clock.ts'

/** Resolves when these nodes are Ready. Throws an Error that names those that are not, when the time is over. */
export async function nodesReady(
  informers: InformerFactory,
  names: readonly string[],
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const informer = informers.for(nodes)
  const missing = () =>
    names.filter(
      (name) =>
        !informer.get(name)?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
  const ready = Promise.withResolvers<void>()
  const check = () => (missing().length === 0 ? ready.resolve() : undefined)
  const unsubscribe = informer.subscribe({ added: check, updated: check })
  const late = clock.after(timeoutMs, () => {
    const name = missing()[0]
    const why = name && informer.get(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.message
    ready.reject(
      new Error(
        `node ${name} is not ready after ${timeoutMs / 1000} s${why ? ` (${why})` : ''}: see skiff logs ${name}/agent`,
      ),
    )
  })
  const aborted = () => ready.reject(new Error('interrupted'))
  signal.addEventListener('abort', aborted)
  try {
    check()
    await ready.promise
  } finally {
    unsubscribe()
    late()
    signal.removeEventListener('abort', aborted)
  }
}

const attemptMs = 200

/** Resolves when the name server answers for `kubernetes.default.svc`. */
export async function dnsAnswers(
  address: string,
  port: number,
  domain: string,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs
  const question = query(`kubernetes.default.svc.${domain}`)
  while (!(await ask(address, port, question, clock))) {
    if (signal.aborted) throw new Error('interrupted')
    if (clock.monotonic() > deadline)
      throw new Error(`the cluster's DNS at ${address}:${port} does not answer: see skiff logs node1/agent`)
    await pause(clock, 20)
  }
}

/** An A query in the wire form of RFC 1035. */
function query(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)])
  return Buffer.concat([
    Buffer.from([0x5b, 0x1f, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels,
    Buffer.from([0, 0, 1, 0, 1]),
  ])
}

/** Whether an answer with a record comes in time. */
function ask(address: string, port: number, question: Buffer, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const done = (found: boolean) => {
      cancel()
      socket.close()
      resolve(found)
    }
    const cancel = clock.after(attemptMs, () => done(false))
    socket.once('error', () => done(false))
    socket.once('message', (answer) => done((answer[3]! & 0x0f) === 0 && answer.readUInt16BE(6) > 0))
    socket.send(question, port, address, (error) => (error ? done(false) : undefined))
  })
}
