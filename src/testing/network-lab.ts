import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { runCommand } from '../machinery/command.ts'

/** What came of a connection: the answer, or how it failed (`refused`, `timeout`, an error code). */
export type Answer = { readonly text: string } | { readonly failed: string }

/** A program in one network namespace, which listens and asks as it is told. */
export interface LabHost {
  readonly name: string
  /** Answers each connection or datagram with `NAME SOURCE-ADDRESS`. */
  listen(protocol: 'tcp' | 'udp', port: number): Promise<void>
  ask(protocol: 'tcp' | 'udp', address: string, port: number, options?: { sourcePort?: number }): Promise<Answer>
  close(): Promise<void>
}

const program = `
const net = require('node:net'), dgram = require('node:dgram'), lines = require('node:readline')
const name = process.argv[1]
const reply = (id, answer) => console.log(JSON.stringify({ id, answer }))
const plain = (address) => address.replace(/^::ffff:/, '')
lines.createInterface({ input: process.stdin }).on('close', () => process.exit()).on('line', (line) => {
  const { id, op, protocol, address, port, sourcePort } = JSON.parse(line)
  if (op === 'listen' && protocol === 'tcp') {
    net.createServer((s) => { s.on('error', () => {}); s.end(name + ' ' + plain(s.remoteAddress)) }).listen(port, '::', () => reply(id, {}))
  } else if (op === 'listen') {
    const s = dgram.createSocket('udp6')
    s.on('message', (_, from) => s.send(name + ' ' + plain(from.address), from.port, from.address))
    s.bind(port, '::', () => reply(id, {}))
  } else if (protocol === 'tcp') {
    let text = ''
    const s = net.connect({ host: address, port, localPort: sourcePort, timeout: 400 })
    s.on('timeout', () => { s.destroy(); reply(id, { failed: 'timeout' }) })
    s.on('data', (chunk) => { text += chunk })
    s.on('end', () => reply(id, { text }))
    s.on('error', (error) => reply(id, { failed: error.code === 'ECONNREFUSED' ? 'refused' : error.code }))
  } else {
    const s = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4')
    let done = false
    const end = (answer) => { if (done) return; done = true; reply(id, answer); s.close() }
    AbortSignal.timeout(400).onabort = () => end({ failed: 'timeout' })
    s.on('message', (text) => end({ text: String(text) }))
    s.on('error', (error) => end({ failed: error.code === 'ECONNREFUSED' ? 'refused' : error.code }))
    const send = () => s.connect(port, address, () => s.send('?'))
    if (sourcePort) s.bind(sourcePort, send); else send()
  }
})
console.log(JSON.stringify({ id: 0, answer: {} }))
`

/** `namespace`: a name as of `ip netns`; undefined for the network of this process. */
export async function labHost(name: string, namespace?: string): Promise<LabHost> {
  const enter = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`]
  const child: ChildProcess = spawn('env', [...enter, process.execPath, '-e', program, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  let next = 1
  const ready = new Promise<Answer>((resolve) => waiting.set(0, resolve))
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const { id, answer } = JSON.parse(line)
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  const call = (message: object) =>
    new Promise<Answer>((resolve) => {
      const id = next++
      waiting.set(id, resolve)
      child.stdin!.write(`${JSON.stringify({ id, ...message })}\n`)
    })
  await ready
  return {
    name,
    listen: (protocol, port) => call({ op: 'listen', protocol, port }).then(() => undefined),
    ask: (protocol, address, port, options = {}) => call({ op: 'ask', protocol, address, port, ...options }),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.stdin!.end()
      }),
  }
}

/** A namespace with one cable to this one, and routes both ways, as the CNI plugin ptp makes for a pod. */
export async function makePod(
  namespace: string,
  addresses: readonly string[],
  gateways: readonly string[],
): Promise<void> {
  const link = `l-${namespace}`.slice(0, 15)
  await runCommand('ip', ['netns', 'add', namespace])
  const bits = (address: string) => (address.includes(':') ? 128 : 32)
  await runCommand('ip', ['-batch', '-'], {
    input: [
      `link add ${link} type veth peer name eth0 netns ${namespace}`,
      ...gateways.map(
        (gateway) => `address add ${gateway}/${bits(gateway)} dev ${link}${gateway.includes(':') ? ' nodad' : ''}`,
      ),
      `link set ${link} up`,
      ...addresses.map((address) => `route add ${address}/${bits(address)} dev ${link}`),
      '',
    ].join('\n'),
  })
  await runCommand('ip', ['-n', namespace, '-batch', '-'], {
    input: [
      'link set lo up',
      ...addresses.map(
        (address) => `address add ${address}/${bits(address)} dev eth0${address.includes(':') ? ' nodad' : ''}`,
      ),
      'link set eth0 up',
      ...gateways.map((gateway) => `route add ${gateway}/${bits(gateway)} dev eth0`),
      ...gateways.map((gateway) => `route add ${gateway.includes(':') ? '::/0' : '0.0.0.0/0'} via ${gateway}`),
      '',
    ].join('\n'),
  })
}
