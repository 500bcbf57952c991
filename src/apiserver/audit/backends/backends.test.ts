import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { systemClock, VirtualClock } from '../../../machinery/clock.ts'
import { silentLogger } from '../../../machinery/log.ts'
import { MetricsRegistry } from '../../../machinery/metrics.ts'
import { seededRandom } from '../../../machinery/random.ts'
import { AuditMetrics } from '../audit-metrics.ts'
import { configureAudit } from '../configure-audit.ts'
import type { AuditEvent } from '../event.ts'
import { createBatchBackend } from './batch-backend.ts'
import { createAuditFileBackend } from './file-backend.ts'
import { createTruncateBackend } from './truncate-backend.ts'

const dayMs = 24 * 3600 * 1000
const counted = () => {
  const registry = new MetricsRegistry()
  return { registry, failures: new AuditMetrics(registry, silentLogger) }
}
const event = (auditID: number, more: object = {}): AuditEvent => ({ auditID: `${auditID}`, ...more }) as AuditEvent

function folderOf(t: { after(callback: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-audit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Opens the collector until the test ends; the files that say that it is told, and of what. */
async function toldTo(
  t: { after(callback: () => void): void },
  collector: Server,
  folder: string,
): Promise<{ readonly config: string; readonly policy: string }> {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  t.after(() => collector.close())
  const server = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/audit`
  const config = join(folder, 'webhook.yaml')
  writeFileSync(
    config,
    `current-context: w\nclusters: [{name: c, cluster: {server: "${server}"}}]\ncontexts: [{name: w, context: {cluster: c}}]\n`,
  )
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n')
  return { config, policy }
}

test('a log that grows too large is put aside, and the oldest go', async (t) => {
  const folder = folderOf(t)
  const clock = new VirtualClock()
  const path = join(folder, 'audit.log')
  const { failures } = counted()
  const backend = createAuditFileBackend({ path, clock, failures, maxBytes: 1000, maxBackups: 2 })
  for (let index = 0; index < 40; index++) {
    backend.process([event(index, { userAgent: 'x'.repeat(200) })])
    await clock.advance(1)
  }
  backend.close()
  const names = readdirSync(folder).sort()
  assert.equal(names.length, 3)
  assert.match(names[0]!, /^audit-2026-01-01T00-00-00\.\d+\.log$/)
  const ids = names.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(JSON.parse(line).auditID)),
  )
  assert.equal(ids.at(-1), 39)
  assert.deepEqual(
    ids,
    ids.toSorted((left, right) => left - right),
  )
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('old logs are gzipped where that is asked for, and go after their days', async (t) => {
  const folder = folderOf(t)
  const clock = new VirtualClock()
  const path = join(folder, 'audit.log')
  const { failures, registry } = counted()
  const options = { path, clock, failures, maxBytes: 100, maxAgeDays: 2, compress: true }
  const backend = createAuditFileBackend(options)
  backend.process([event(1, { userAgent: 'x'.repeat(50) })])
  backend.process([event(2, { userAgent: 'x'.repeat(50) })])
  const [old] = readdirSync(folder).filter((name) => name.endsWith('.gz'))
  assert.equal(JSON.parse(gunzipSync(readFileSync(join(folder, old!))).toString()).auditID, '1')
  writeFileSync(join(folder, 'audit-notes.log'), 'of somebody else')
  await clock.advance(3 * dayMs)
  backend.close()
  createAuditFileBackend(options).close()
  assert.deepEqual(readdirSync(folder).sort(), ['audit-notes.log', 'audit.log'])
  const tooLarge = createAuditFileBackend(options)
  assert.equal(tooLarge.process([event(3, { userAgent: 'x'.repeat(200) })]), false)
  tooLarge.close()
  assert.match(registry.text(), /apiserver_audit_error_total\{plugin="log"\} 1/)
})

test('batches go out when they are full, when their time is up, and when the backend is closed', async () => {
  const clock = new VirtualClock()
  const { failures, registry } = counted()
  const batches: string[][] = []
  const deliver = async (events: readonly AuditEvent[]) => void batches.push(events.map(({ auditID }) => auditID))
  const throttle = { perSecond: 1, burst: 2 }
  const backend = createBatchBackend({
    ...{ bufferSize: 5, maxBatchSize: 2, maxWaitMs: 1000, throttle, deliver, clock, failures },
  })
  backend.process([event(1)])
  assert.deepEqual(batches, [])
  await clock.advance(1000)
  assert.deepEqual(batches, [['1']])
  backend.process([event(2), event(3), event(4)])
  assert.deepEqual(batches.slice(1), [['2', '3']])
  // Two are through: the next waits for its turn, and what does not fit the buffer is lost.
  backend.process([event(5), event(6), event(7)])
  backend.process([event(8)])
  backend.process([event(9), event(10)])
  await backend.close()
  assert.deepEqual(batches.slice(2).flat(), ['4', '5', '6', '7', '8'])
  assert.match(registry.text(), /apiserver_audit_error_total\{plugin="buffered"\} 2/)
  backend.process([event(11)])
  assert.match(registry.text(), /apiserver_audit_error_total\{plugin="buffered"\} 3/)
})

test('an event that is too large loses its objects; one that still is, is lost', () => {
  const { failures, registry } = counted()
  const got: AuditEvent[] = []
  const next = { process: (events: readonly AuditEvent[]) => got.push(...events) > 0, close: () => {} }
  const backend = createTruncateBackend(next, { maxEventBytes: 200, maxBatchBytes: 1000, failures })
  const large = { big: 'x'.repeat(500) }
  backend.process([
    event(1, { level: 'RequestResponse', requestObject: large }),
    event(2, { level: 'Metadata', requestURI: 'x'.repeat(500) }),
    event(3, { level: 'Metadata' }),
  ])
  assert.deepEqual(
    got.map(({ auditID, requestObject, annotations }) => [auditID, requestObject, annotations]),
    [
      ['1', undefined, { 'audit.k8s.io/truncated': 'true' }],
      ['3', undefined, undefined],
    ],
  )
  assert.match(registry.text(), /apiserver_audit_error_total\{plugin="truncate"\} 1/)
})

test('a webhook gets lists of events, again after a failure, and the last when the server stops', async (t) => {
  const folder = folderOf(t)
  const bodies: { kind: string; items: AuditEvent[] }[] = []
  let failures = 1
  const collector = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      if (failures-- > 0) return response.writeHead(400).end()
      bodies.push(JSON.parse(text))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  const { config, policy } = await toldTo(t, collector, folder)
  const { failures: metrics } = counted()
  const services = { clock: systemClock, random: seededRandom(1), metrics }
  const audit = configureAudit(
    {
      'audit-policy-file': policy,
      'audit-webhook-config-file': config,
      'audit-webhook-batch-max-size': 2,
      'audit-webhook-initial-backoff': 0.01,
    },
    services,
  )
  audit!.sink.process([event(1)])
  audit!.sink.process([event(2)])
  while (bodies.length === 0) await new Promise((resolve) => setImmediate(resolve))
  audit!.sink.process([event(3)])
  await audit!.sink.close()
  assert.deepEqual(
    bodies.map(({ kind, items }) => [kind, items.map(({ auditID }) => auditID)]),
    [
      ['EventList', ['1', '2']],
      ['EventList', ['3']],
    ],
  )
})

test('a policy file that is none is refused, with its name', (t) => {
  const policy = join(folderOf(t), 'policy.yaml')
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\n')
  const { failures: metrics } = counted()
  assert.throws(
    () =>
      configureAudit(
        { 'audit-policy-file': policy, 'audit-log-path': '-' },
        { clock: systemClock, random: seededRandom(1), metrics },
      ),
    { message: `loading audit policy file: loaded illegal policy with 0 rules: from file ${policy}` },
  )
})

test('--audit-log-format=legacy writes words in place of objects', (t) => {
  const folder = folderOf(t)
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n')
  const path = join(folder, 'audit.log')
  const { failures: metrics } = counted()
  const audit = configureAudit(
    { 'audit-policy-file': policy, 'audit-log-path': path, 'audit-log-format': 'legacy' },
    { clock: systemClock, random: seededRandom(1), metrics },
  )!
  const received = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'id',
    stage: 'RequestReceived',
    requestURI: '/api?a="b"',
    verb: 'list',
    user: { username: 'joe', groups: ['devs', 'ops'] },
    requestReceivedTimestamp: '2026-01-01T00:00:00.120000Z',
    stageTimestamp: '2026-01-01T00:00:00.120000Z',
  } as const
  void audit.sink.process([
    received,
    {
      ...received,
      stage: 'ResponseComplete',
      user: {},
      impersonatedUser: { username: 'jane', groups: [] },
      sourceIPs: ['192.0.2.7', '192.0.2.8'],
      userAgent: 'kubectl',
      objectRef: { namespace: 'default' },
      responseStatus: { metadata: {}, code: 200 },
      requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    },
  ])
  void audit.sink.close()
  assert.deepEqual(readFileSync(path, 'utf8').split('\n'), [
    String.raw`2026-01-01T00:00:00.12Z AUDIT: id="id" stage="RequestReceived" ip="<unknown>" method="list" user="joe" groups="\"devs\",\"ops\"" as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" uri="/api?a=\"b\"" response="<deferred>"`,
    '2026-01-01T00:00:00Z AUDIT: id="id" stage="ResponseComplete" ip="192.0.2.7" method="list" user="<none>" groups="<none>" as="jane" asgroups="" user-agent="kubectl" namespace="default" uri="/api?a=\\"b\\"" response="200"',
    '',
  ])
})

test('settings of audit that cannot be are refused in upstream’s words', (t) => {
  const policy = join(folderOf(t), 'policy.yaml')
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n')
  const { failures: metrics } = counted()
  const services = { clock: systemClock, random: seededRandom(1), metrics }
  for (const [values, message] of [
    [
      { 'audit-log-mode': 'batch', 'audit-log-batch-buffer-size': 0 },
      'invalid audit batch log buffer size 0, must be a positive number',
    ],
    [
      { 'audit-log-truncate-max-event-size': 10, 'audit-log-truncate-max-batch-size': 9 },
      'invalid audit truncate log max batch size 9, must be greater than max event size (10)',
    ],
    [{ 'audit-log-maxage': -1 }, "--audit-log-maxage -1 can't be a negative number"],
  ] as const)
    assert.throws(() => configureAudit({ 'audit-policy-file': policy, 'audit-log-path': '-', ...values }, services), {
      message,
    })
})

for (const [mode, kept] of [
  ['blocking', true],
  ['blocking-strict', false],
] as const)
  test(`--audit-webhook-mode=${mode}: requests wait for the webhook${kept ? '' : ', and fail with it'}`, async (t) => {
    const folder = folderOf(t)
    const waiting: ((status: number) => void)[] = []
    const collector = createServer((request, response) => {
      request.resume()
      waiting.push((status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'))
    })
    const { config, policy } = await toldTo(t, collector, folder)
    const { failures: metrics } = counted()
    const audit = configureAudit(
      {
        'audit-policy-file': policy,
        'audit-webhook-config-file': config,
        'audit-webhook-mode': mode,
        'audit-webhook-initial-backoff': 0.001,
      },
      { clock: systemClock, random: seededRandom(1), metrics },
    )!
    const round = () => new Promise((resolve) => setImmediate(resolve))
    let answer: boolean | undefined
    const telling = Promise.resolve(audit.sink.process([event(1)])).then((value) => (answer = value))
    while (waiting.length === 0) await round()
    assert.equal(answer, undefined)
    waiting.shift()!(200)
    assert.equal(await telling, true)
    const failing = Promise.resolve(audit.sink.process([event(2)]))
    let settled = false
    void failing.then(() => (settled = true))
    while (!settled) {
      waiting.shift()?.(400)
      await round()
    }
    assert.equal(await failing, kept)
    await audit.sink.close()
  })
