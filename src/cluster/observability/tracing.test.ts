import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { type RunningApiServer, startApiServer } from '../api-server.ts'
import { type Collector, type CollectedSpan, startCollector } from './collector.fixture.ts'

/** An API server that is traced, over the wire, with a collector in this process. */
const folder = mkdtempSync(join(tmpdir(), 'skiff-tracing-'))
let collector: Collector
let pki: Pki
let running: RunningApiServer

async function startTraced(samplingRatePerMillion: number): Promise<RunningApiServer> {
  const file = join(folder, 'tracing.yaml')
  const { endpoint } = collector
  writeFileSync(
    file,
    `apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nendpoint: ${endpoint}\nsamplingRatePerMillion: ${samplingRatePerMillion}\n`,
  )
  return startApiServer({
    store: createMemoryStore(),
    pki,
    listen: { addresses: ['127.0.0.1'], port: 0, hosts: ['127.0.0.1'] },
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '10.0.0.1', port: 6443 },
    serverOptions: { 'tracing-config-file': file },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  })
}

before(async () => {
  collector = await startCollector()
  pki = createPki({ folder, clock: systemClock })
})
after(() => {
  collector.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  collector.spans.length = 0
})

function ask(
  method: string,
  path: string,
  identity: 'admin' | 'nobody',
  headers: object,
  body?: object,
): Promise<number> {
  const { certificatePem, privateKeyPem } = identity === 'admin' ? pki.admin() : pki.client('nobody', 'nobody')
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: running.server.port,
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
        ca: pki.clusterAuthority.certificatePem,
        cert: certificatePem,
        key: privateKeyPem,
        agent: false,
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    asking.on('error', reject).end(body && JSON.stringify(body))
  })
}

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'
const ofTrace = (id: string) => collector.spans.filter((span) => span.traceId === id)

/** Names of the spans below one, each with those below it. */
function tree(spans: readonly CollectedSpan[], under: string): readonly unknown[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === under)
    .map(({ name, spanId }) => {
      const below = tree(spans, spanId)
      return below.length === 0 ? name : [name, ...below]
    })
}

test('a request of a trace is recorded with its parts, for those who are trusted', async () => {
  running = await startTraced(0)
  const traceparent = `00-${traceId}-${parent}-01`
  const path = '/api/v1/namespaces/default/configmaps'
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'traced' } }
  assert.equal(await ask('POST', path, 'admin', { traceparent, 'audit-id': 'one' }, body), 201)
  assert.equal(await ask('GET', `${path}/traced`, 'admin', { traceparent: `00-${traceId}-${parent}-00` }), 200)
  assert.equal(await ask('GET', `${path}/traced`, 'admin', {}), 200)
  assert.equal(await ask('GET', `${path}/traced`, 'nobody', { traceparent }), 403)
  await running.stop()
  const spans = ofTrace(traceId)
  assert.deepEqual(tree(spans, parent), [
    ['POST /api/v1/namespaces/{:namespace}/configmaps', ['Create', 'Create etcd3'], 'SerializeObject'],
  ])
  assert.equal(collector.spans.length, spans.length)
  const root = spans.find(({ parentSpanId }) => parentSpanId === parent)!
  assert.equal(root.kind, 2)
  assert.deepEqual(
    ['http.request.method', 'http.response.status_code', 'http.target', 'audit-id'].map(
      (name) => root.attributes[name],
    ),
    ['POST', 201, path, 'one'],
  )
  assert.equal(collector.resource['service.name'], 'apiserver')
  for (const span of spans) assert.ok(span.end >= span.start && span.start >= root.start && span.end <= root.end)
})

test('without a trace the share that is asked for is recorded; a stranger’s trace is linked to', async () => {
  running = await startTraced(1_000_000)
  assert.equal(await ask('GET', '/version', 'nobody', { traceparent: `00-${traceId}-${parent}-01` }), 200)
  await running.stop()
  assert.deepEqual(ofTrace(traceId), [])
  const span = collector.spans.find(({ attributes }) => attributes['http.target'] === '/version')!
  assert.equal(span.name, 'GET')
  assert.equal(span.parentSpanId, '')
  assert.deepEqual(span.links, [{ traceId, spanId: parent }])
})

test('what is wrong with the configuration is told', async () => {
  const file = join(folder, 'wrong.yaml')
  const start = (text: string) => {
    writeFileSync(file, text)
    return startApiServer({
      store: createMemoryStore(),
      pki,
      serviceCidrs: ['10.96.0.0/16'],
      advertise: { address: '10.0.0.1', port: 6443 },
      serverOptions: { 'tracing-config-file': file },
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    })
  }
  const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\n'
  await assert.rejects(start(`${head}samplingRatePerMillion: -1\n`), {
    message:
      'failed to validate tracing configuration: samplingRatePerMillion: Invalid value: -1: sampling rate must be positive',
  })
  await assert.rejects(start(`${head}endpoint: http://localhost:4317\n`), {
    message:
      'failed to validate tracing configuration: endpoint: Invalid value: "http://localhost:4317": unsupported scheme: http.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md',
  })
  await assert.rejects(start(`${head}rate: 1\n`), /failed to read tracing config: .*unknown field "rate"/)
})
