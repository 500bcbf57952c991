import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { pods } from '../../api/core/v1/pod.ts'
import { decodeWatchEvent } from '../../machinery/codec/protobuf/watch-event.ts'
import { decodeProtobufMessage, encodeProtobuf, openProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import { systemClock } from '../../machinery/clock.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { configMap, configMapsPath, openServer, pod, podsPath, type OpenServer } from '../open-server.fixture.ts'
import { createPki } from '../pki/pki.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const folder = mkdtempSync(join(tmpdir(), 'skiff-http-'))
let open: OpenServer
let ca: string
let http2: ClientHttp2Session
let key: string
let cert: string

before(async () => {
  const pki = createPki({ folder, clock: systemClock })
  ca = pki.clusterAuthority.certificatePem
  const serving = pki.apiServer(['127.0.0.1'])
  key = serving.privateKeyPem
  cert = serving.certificatePem
  open = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: { key, cert, ca, requestCert: true, rejectUnauthorized: false },
    shutdownGraceMs: 200,
  })
  http2 = connectHttp2(open.server.address, { ca })
})
after(async () => {
  http2.destroy()
  await open[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

interface Answered {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

function over2(
  method: string,
  path: string,
  body?: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const stream = http2.request({ ':method': method, ':path': path, ...headers })
    const chunks: Buffer[] = []
    let answered: Record<string, unknown> = {}
    stream.on('response', (received) => (answered = received))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () =>
      resolve({
        status: Number(answered[':status']),
        headers: answered as Record<string, string>,
        body: Buffer.concat(chunks),
      }),
    )
    stream.on('error', reject)
    stream.end(body)
  })
}

function over1(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ ca, ALPNProtocols: ['http/1.1'] })
    const request = httpsRequest(`${open.server.address}${path}`, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        agent.destroy()
        resolve({
          status: response.statusCode!,
          headers: response.headers as Record<string, string>,
          body: Buffer.concat(chunks),
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const jsonOf = ({ body }: Answered) => JSON.parse(body.toString('utf8'))

test('HTTP/2 and HTTP/1.1 share one port and answer alike', async () => {
  for (const [send, name] of [
    [over2, 'two'],
    [over1, 'one'],
  ] as const) {
    const made = await send('POST', configMapsPath, JSON.stringify(configMap(name)), {
      'content-type': 'application/json',
    })
    assert.equal(made.status, 201)
    assert.equal(made.headers['content-type'], 'application/json')
    assert.equal(made.headers['cache-control'], 'no-cache, private')
    assert.match(made.headers['audit-id']!, /^[0-9a-f-]{36}$/)
    const read = await send('GET', `${configMapsPath}/${name}`)
    assert.deepEqual(jsonOf(read), jsonOf(made))
    assert.ok(read.body.toString().endsWith('}\n'))
    const list = jsonOf(await send('GET', configMapsPath))
    assert.deepEqual([list.kind, list.apiVersion], ['ConfigMapList', 'v1'])
    assert.ok(list.items.every((item: object) => !('kind' in item) && !('apiVersion' in item)))
  }
})

test('protobuf goes in and comes out: objects, lists, watches, refusals', async () => {
  const object = normalize(pods.schema, pod('proto')) as Record<string, unknown>
  const made = await over2('POST', podsPath, encodeProtobuf(object, pods.schema), {
    'content-type': protobuf,
    accept: protobuf,
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers['content-type'], protobuf)
  const { gvk, raw } = openProtobuf(made.body)
  assert.deepEqual(gvk, { group: '', version: 'v1', kind: 'Pod' })
  const { metadata } = decodeProtobufMessage(raw, gvk, pods.schema) as { metadata: { name: string; uid: string } }
  assert.equal(metadata.name, 'proto')
  assert.deepEqual(
    openProtobuf((await over2('GET', `${podsPath}/proto`, undefined, { accept: protobuf })).body).raw,
    raw,
  )
  const list = openProtobuf((await over2('GET', podsPath, undefined, { accept: protobuf })).body)
  const { items } = decodeProtobufMessage(list.raw, list.gvk, schemaOfKind('', 'v1', 'PodList')!) as {
    items: { metadata: object }[]
  }
  assert.deepEqual(
    items.map((item) => item.metadata),
    [metadata],
  )
  const watch = await over2('GET', `${podsPath}?watch=true&timeoutSeconds=1`, undefined, {
    accept: `${protobuf};stream=watch`,
  })
  assert.equal(watch.headers['content-type'], `${protobuf};stream=watch`)
  const event = decodeWatchEvent(watch.body.subarray(4, 4 + watch.body.readUInt32BE(0)))
  assert.equal(event.type, 'ADDED')
  assert.deepEqual(openProtobuf(event.object).raw, raw)
  const missing = openProtobuf((await over2('GET', `${podsPath}/none`, undefined, { accept: protobuf })).body)
  assert.equal(missing.gvk.kind, 'Status')
  const status = decodeProtobufMessage(missing.raw, missing.gvk, schemaOfKind('', 'v1', 'Status')!) as {
    code: number
    message: string
  }
  assert.deepEqual([status.code, status.message], [404, 'pods "none" not found'])
})

test('YAML goes in and comes out', async () => {
  const yaml = { 'content-type': 'application/yaml', accept: 'application/yaml' }
  const made = await over2('POST', configMapsPath, 'kind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n', yaml)
  assert.equal(made.headers['content-type'], 'application/yaml')
  assert.match(made.body.toString(), /^apiVersion: v1\ndata:\n {2}a: "1"\nkind: ConfigMap\n/)
})

test('a form that nobody has is refused with the list of those there are', async () => {
  const refused = await over2('GET', configMapsPath, undefined, { accept: 'text/html' })
  assert.equal(refused.status, 406)
  assert.equal(
    jsonOf(refused).message,
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  )
  // The router takes the media type, what comes with it is nobody's.
  const form = await over2('GET', configMapsPath, undefined, { accept: 'application/json;as=Odd' })
  assert.equal(
    jsonOf(form).message,
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
  assert.match(form.body.toString(), /^\{\n {2}"kind"/)
  const patch = await over2('PATCH', `${configMapsPath}/a`, '{}', { 'content-type': 'text/plain' })
  assert.equal(jsonOf(patch).message, '415: Unsupported Media Type')
  const body = await over2('POST', configMapsPath, '{}', { 'content-type': 'text/plain' })
  assert.equal(body.status, 415)
  assert.match(
    jsonOf(body).message,
    /^the body of the request was in an unknown format - accepted media types include: application\/json, /,
  )
})

test('a path is decoded once, and one that leaves its way is refused', async () => {
  for (const path of [
    '/api/v1/namespaces/default/../default/pods',
    '/api/v1/namespaces/default%2fpods',
    '/api//v1/pods',
    '/api/v1/namespaces/%00/pods',
    '/api/v1/%zz',
  ]) {
    assert.equal((await over2('GET', path)).status, 400, path)
  }
  assert.equal((await over2('GET', '/api/v1/namespaces/default/pods/')).status, 200)
  assert.equal((await over2('GET', '/nowhere')).status, 404)
  assert.equal((await over2('GET', '/apis/none/v1/things')).status, 404)
})

test('security.md, parser bombs: a body beyond three mebibytes is refused (CVE-2020-8552)', async () => {
  const large = JSON.stringify(configMap('large', {}, { x: 'y'.repeat(3 * 1024 * 1024) }))
  const refused = await over2('POST', configMapsPath, large)
  assert.deepEqual([refused.status, jsonOf(refused).message], [413, 'Request entity too large: limit is 3145728'])
  assert.equal((await over1('POST', configMapsPath, large)).status, 413)
})

test('security.md, parser bombs: a packed body is not unpacked', async () => {
  const bomb = gzipSync(JSON.stringify(configMap('bomb', {}, { x: 'y'.repeat(50 * 1024 * 1024) })))
  assert.ok(bomb.length < 100_000)
  const refused = await over2('POST', configMapsPath, bomb, { 'content-encoding': 'gzip' })
  assert.equal(refused.status, 400)
})

test('large answers are compressed for those who can read that', async () => {
  for (let i = 0; i < 20; i++)
    await over2('POST', configMapsPath, JSON.stringify(configMap(`big${i}`, {}, { x: 'y'.repeat(20_000) })))
  const plain = await over2('GET', configMapsPath)
  const packed = await over2('GET', configMapsPath, undefined, { 'accept-encoding': 'gzip' })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  assert.equal(packed.headers['vary'], 'Accept-Encoding')
  assert.ok(packed.body.byteLength < plain.body.byteLength / 10)
  assert.deepEqual(gunzipSync(packed.body), plain.body)
  const small = await over2('GET', `${configMapsPath}/big1`, undefined, { 'accept-encoding': 'gzip' })
  assert.equal(small.headers['content-encoding'], undefined)
})

test('people read indented JSON', async () => {
  const { body } = await over2('GET', '/version', undefined, { 'user-agent': 'curl/8' })
  assert.match(body.toString(), /^\{\n {2}"major": "1",\n/)
  assert.equal(jsonOf({ body } as Answered).gitVersion, 'v1.37.1')
})

test('health is told in short, in full, and check by check', async () => {
  assert.equal((await over2('GET', '/readyz')).body.toString(), 'ok')
  assert.equal(
    (await over2('GET', '/livez?verbose&exclude=etcd')).body.toString(),
    '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\nlivez check passed\n',
  )
  assert.equal((await over2('GET', '/healthz/ping')).body.toString(), 'ok')
  assert.equal((await over2('GET', '/healthz/none')).status, 404)
})

test('requests are counted', async () => {
  await over2('GET', `${configMapsPath}/nothing`)
  const { body } = await over2('GET', '/metrics')
  assert.match(
    body.toString(),
    /apiserver_request_total\{code="404",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"\} \d+/,
  )
  assert.match(body.toString(), /apiserver_resource_objects\{group="",resource="configmaps"\} \d+/)
  assert.match(body.toString(), /\nauthentication_attempts\{result="success"\} \d+\n/)
  assert.match(body.toString(), /\nauthenticated_user_requests\{username="admin"\} \d+\n/)
  assert.match(body.toString(), /\nauthorization_attempts_total\{result="allowed"\} \d+\n/)
})

test('whoever asks for what is not there makes no new series', async () => {
  const seriesNow = async () =>
    (await over2('GET', '/metrics')).body
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('apiserver_request_total')).length
  await over2('GET', '/api/v1/namespaces/default/tealeaves/one')
  await over2('GET', `${configMapsPath}/one/sugar?dryRun=lump`)
  const before = await seriesNow()
  for (let at = 0; at < 20; at++) {
    await over2('GET', `/apis/tea${at}.example/v1/namespaces/default/leaves${at}/one`)
    await over2('GET', `${configMapsPath}/one/sugar${at}?dryRun=lump${at}`)
  }
  assert.equal(await seriesNow(), before)
})

test('answers to reads are measured by their size, and deprecated APIs are told', async () => {
  await over2('GET', configMapsPath)
  await over2('GET', '/api/v1/componentstatuses')
  const text = (await over2('GET', '/metrics')).body.toString()
  const labels =
    'component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"'
  assert.match(text, new RegExp(`^apiserver_response_sizes_count\\{${labels}\\} \\d+$`, 'm'))
  assert.match(
    text,
    /^apiserver_requested_deprecated_apis\{group="",removed_release="",resource="componentstatuses",subresource="",version="v1"\} 1$/m,
  )
})

test('admission, watches and health are measured under upstream’s names', async () => {
  const stream = http2.request({
    ':path': `${configMapsPath}?watch=true&resourceVersion=${await open.store.revision()}`,
  })
  await new Promise((resolve) => stream.on('response', resolve))
  const event = new Promise((resolve) => stream.once('data', resolve))
  await open.call('POST', configMapsPath, configMap('measured'))
  await event
  stream.close()
  const text = (await over2('GET', '/metrics')).body.toString()
  for (const line of [
    'apiserver_admission_step_admission_duration_seconds_count{operation="CREATE",rejected="false",type="admit"}',
    'apiserver_watch_events_total{group="",resource="configmaps",version="v1"}',
    'apiserver_watch_events_sizes_bucket{group="",resource="configmaps",version="v1",le="131072"}',
    'process_open_fds',
  ]) {
    const found = text.split('\n').find((one) => one.startsWith(`${line} `)) ?? ''
    assert.ok(Number(found.slice(line.length)) > 0, line)
  }
  await over2('GET', '/livez')
  const health = (await over2('GET', '/metrics/slis')).body.toString()
  assert.match(health, /^kubernetes_healthcheck\{name="ping",type="livez"\} 1$/m)
})

test('a watch sends its headers at once and each event as a line', async () => {
  const stream = http2.request({
    ':path': `${configMapsPath}?watch=true&resourceVersion=${await open.store.revision()}`,
  })
  const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve))
  assert.equal(headers[':status'], 200)
  assert.equal(headers['connection'], undefined)
  const first = new Promise<Buffer>((resolve) => stream.once('data', resolve))
  await open.call('POST', configMapsPath, configMap('seen'))
  const event = JSON.parse((await first).toString())
  assert.deepEqual([event.type, event.object.metadata.name, event.object.kind], ['ADDED', 'seen', 'ConfigMap'])
  stream.close()
})

test('a timeout that is none is refused', async () => {
  const refused = await over2('GET', `${configMapsPath}?timeout=soon`)
  assert.deepEqual(
    [refused.status, jsonOf(refused).message],
    [400, 'invalid timeout specified in the request URL - time: invalid duration "soon"'],
  )
})

test('an upgrade of what cannot be upgraded is answered, and the connection closed', async () => {
  const { port } = open.server
  const socket = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] })
  socket.write(
    `GET ${podsPath} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n`,
  )
  const text = await new Promise<string>((resolve) => {
    let received = ''
    socket.on('data', (chunk) => (received += chunk))
    socket.on('close', () => resolve(received))
  })
  assert.equal(text.match(/HTTP\/1\.1 /g)!.length, 1)
  assert.match(text, /^HTTP\/1\.1 200 /)
  assert.match(text, /[Cc]onnection: close/)
})

test('a server that stops is not ready, ends its watches in order and closes its connections', async () => {
  const stopping = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: { key, cert },
    shutdownGraceMs: 1000,
  })
  const session = connectHttp2(stopping.server.address, { ca })
  const watch = session.request({ ':path': `${configMapsPath}?watch=true` })
  await new Promise((resolve) => watch.on('response', resolve))
  const ended = new Promise<void>((resolve) => watch.on('end', resolve))
  watch.resume()
  const closed = new Promise<void>((resolve) => session.on('close', resolve))
  await stopping[Symbol.asyncDispose]()
  await ended
  await closed
  assert.equal(watch.rstCode, 0)
})
