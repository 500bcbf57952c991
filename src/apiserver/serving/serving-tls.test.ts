import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { type Clock, sleep, systemClock, VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { Listener } from '../http/listener.ts'
import { givenServing } from '../pki/given-files.ts'
import type { IssuedCertificate } from '../pki/issued-certificate.ts'
import { createPki } from '../pki/pki.ts'
import { shownCertificate } from '../pki/shown-certificate.ts'
import { createTrust } from '../pki/trust.ts'
import { servingOptions } from './serving-options.ts'
import { createServingTls } from './serving-tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-serving-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const dayMs = 24 * 3600 * 1000
let made = 0
const pkiOf = (clock: Clock = systemClock) => createPki({ folder: join(folder, `pki-${made++}`), clock })
const copy = (from: IssuedCertificate, base: string): { certificateFile: string; privateKeyFile: string } => {
  const files = { certificateFile: `${base}.crt`, privateKeyFile: `${base}.key` }
  copyFileSync(from.privateKeyFile, files.privateKeyFile)
  copyFileSync(from.certificateFile, files.certificateFile)
  return files
}
const services = { clock: systemClock, log: silentLogger }

async function listening(
  values: Parameters<typeof servingOptions>[0],
  read: () => IssuedCertificate,
  given: boolean,
): Promise<{ port: number } & AsyncDisposable> {
  const tls = createServingTls({
    certificate: shownCertificate({ read, given, ...services }),
    serving: servingOptions(values),
    trust: createTrust({ pki: pkiOf(), ...services }),
    ...services,
  })
  const listener = new Listener({ tls: tls.options, clock: systemClock, onExchange: (one) => one.respond(200, {}) })
  tls.onChange((next) => listener.renewTls(next))
  const { port } = await listener.listen('127.0.0.1', 0)
  return {
    port,
    async [Symbol.asyncDispose]() {
      tls.stop()
      await listener.close(0)
    },
  }
}

/** A connection; rejects when none comes about. */
const handshake = (port: number, more: object = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...more })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
async function shownAt(port: number, more: object = {}): Promise<string> {
  const socket = await handshake(port, more)
  const shown = socket.getPeerX509Certificate()!.fingerprint256
  socket.destroy()
  return shown
}
const fingerprint = ({ certificatePem }: IssuedCertificate) => {
  const [line] = certificatePem.split('-----END')
  return line
}
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await holds()); attempt++) {
    assert.ok(attempt < 200, 'it did not come about')
    await sleep(systemClock, 25)
  }
}

test('a changed file counts for the next handshake; connections that are there stay', async () => {
  const files = copy(pkiOf().apiServer(['localhost']), join(folder, 'given'))
  await using server = await listening({}, () => givenServing(files), true)
  const open = await handshake(server.port)
  const before = open.getPeerX509Certificate()!.fingerprint256
  copy(pkiOf().apiServer(['localhost']), join(folder, 'given'))
  await until(async () => (await shownAt(server.port)) !== before)
  assert.equal(open.destroyed, false)
  const answered = new Promise<string>((resolve) => open.once('data', (bytes: Buffer) => resolve(bytes.toString())))
  open.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.match(await answered, /^HTTP\/1.1 200/)
  open.destroy()
})

test('a certificate without its key, or none at all, does not take the place of one that is good', async () => {
  const base = join(folder, 'kept')
  const files = copy(pkiOf().apiServer(['localhost']), base)
  await using server = await listening({}, () => givenServing(files), true)
  const before = await shownAt(server.port)
  writeFileSync(files.certificateFile, 'nothing')
  await sleep(systemClock, 150)
  assert.equal(await shownAt(server.port), before)
  const other = pkiOf().apiServer(['localhost'])
  copyFileSync(other.certificateFile, files.certificateFile)
  await sleep(systemClock, 150)
  assert.equal(await shownAt(server.port), before)
  copyFileSync(other.privateKeyFile, files.privateKeyFile)
  await until(async () => (await shownAt(server.port)) !== before)
})

test('who asks for a name is shown its certificate, by pattern too, and after it changed', async () => {
  const named = copy(pkiOf().apiServer(['tea.example.com', 'a.example.org']), join(folder, 'named'))
  const pair = `${named.certificateFile},${named.privateKeyFile}`
  const own = pkiOf().apiServer(['localhost'])
  const values = { 'tls-sni-cert-key': [pair, `${pair}:*.sip.test`] }
  await using server = await listening(values, () => own, false)
  const usual = await shownAt(server.port)
  const tea = await shownAt(server.port, { servername: 'tea.example.com' })
  assert.notEqual(tea, usual)
  assert.equal(await shownAt(server.port, { servername: 'one.sip.test' }), tea)
  assert.equal(await shownAt(server.port, { servername: 'sip.test' }), usual)
  assert.equal(await shownAt(server.port, { servername: 'localhost' }), usual)
  copy(pkiOf().apiServer(['tea.example.com']), join(folder, 'named'))
  await until(async () => (await shownAt(server.port, { servername: 'tea.example.com' })) !== tea)
  assert.equal(await shownAt(server.port), usual)
})

test('versions, suites, key exchanges and protocols are those that were chosen', async () => {
  const own = pkiOf().apiServer(['localhost'])
  const values = { 'tls-min-version': 'VersionTLS13', 'tls-curve-preferences': ['29'], 'disable-http2-serving': true }
  await using strict = await listening(values, () => own, false)
  await assert.rejects(handshake(strict.port, { maxVersion: 'TLSv1.2' }))
  await assert.rejects(handshake(strict.port, { ecdhCurve: 'P-521' }))
  const modern = await handshake(strict.port, { ALPNProtocols: ['h2', 'http/1.1'] })
  assert.equal(modern.alpnProtocol, 'http/1.1')
  modern.destroy()
  const suites = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']
  await using chosen = await listening({ 'tls-cipher-suites': suites }, () => own, false)
  const old = await handshake(chosen.port, { maxVersion: 'TLSv1.2' })
  assert.equal(old.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384')
  old.destroy()
  await assert.rejects(
    handshake(chosen.port, {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305',
    }),
  )
  const usual = await handshake(chosen.port)
  assert.equal(usual.getProtocol(), 'TLSv1.3')
  usual.destroy()
})

test('a certificate of our own is renewed in a running server before it ends', async () => {
  const clock = new VirtualClock()
  const pki = pkiOf(clock)
  const certificate = shownCertificate({
    read: () => pki.apiServer(['localhost']),
    given: false,
    clock,
    log: silentLogger,
  })
  const tls = createServingTls({
    certificate,
    serving: servingOptions({}),
    trust: createTrust({ pki, clock, log: silentLogger }),
    clock,
    log: silentLogger,
  })
  const renewedAt: number[] = []
  tls.onChange(() => renewedAt.push(clock.now()))
  const [first, ends] = [fingerprint(certificate.current), certificate.current.notAfter]
  await clock.advance(280 * dayMs)
  assert.deepEqual(renewedAt, [])
  await clock.advance(20 * dayMs)
  assert.equal(renewedAt.length, 1)
  assert.ok(renewedAt[0]! < ends - 70 * dayMs)
  assert.notEqual(fingerprint(certificate.current), first)
  assert.equal(tls.options.cert, certificate.current.certificatePem)
  await clock.advance(365 * dayMs)
  assert.equal(renewedAt.length, 2)
  tls.stop()
})

test('what cannot be is refused in upstream’s words', () => {
  for (const [values, message] of [
    [{ 'tls-cipher-suites': ['NOPE'] }, "Cipher suite NOPE not supported or doesn't exist"],
    [{ 'tls-min-version': 'VersionTLS9' }, 'unknown tls version "VersionTLS9"'],
    [{ 'tls-curve-preferences': ['99'] }, 'curve preference 99 is not supported by the current Go version'],
    [{ 'tls-sni-cert-key': ['foo.crt'] }, 'expected comma separated certificate and key file paths'],
    [{ 'tls-sni-cert-key': ['a,b:'] }, 'empty names list is not allowed'],
  ] as const)
    assert.throws(() => servingOptions(values), { message })
})
