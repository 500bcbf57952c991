import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import type { RawAnswer } from '../answer.ts'
import { buildInfo } from '../endpoints/version.ts'
import type { RequestContext } from '../request-context.ts'
import { Query } from '../routing/query.ts'
import { flagValues, flagzPage } from './flagz.ts'
import { statuszPage } from './statusz.ts'
import { serveZpage, type Zpage } from './zpage.ts'

const startedMs = Date.UTC(2026, 10, 1, 13, 51, 14)
const clock = new VirtualClock(startedMs + 3_723_000)
const build = buildInfo({ gitCommit: '', buildDate: '' })
const paths = () => ['/', '/metrics', '/metrics/slis', '/readyz', '/readyz/ping', '/api', '/openapi/v2', '/statusz']
const statusz = statuszPage({ component: 'apiserver', build, paths, startedMs, clock })

async function ask(page: Zpage, accept: string | undefined) {
  const warnings = new Set<string>()
  const context = { request: { headers: { accept }, query: Query.empty }, warnings } as unknown as RequestContext
  const answer = (await serveZpage(page, seededRandom(1))(context)) as RawAnswer
  return { contentType: answer.contentType, body: String(answer.body), warnings: [...warnings] }
}

test('people are told since when the process runs, of what version it is, and where it tells more', async () => {
  const { body, contentType } = await ask(statusz, undefined)
  assert.equal(contentType, 'text/plain; charset=utf-8')
  const [, head, warning, , ...lines] = body.split('\n')
  assert.equal(head, 'apiserver statusz')
  assert.match(warning!, /^Warning: This endpoint is not meant to be machine parseable/)
  const delimiter = /^Started(:|: |=| ) Sun/.exec(lines[0]!)?.[1] ?? assert.fail(lines[0])
  assert.deepEqual(
    lines.map((line) => line.replace(`${delimiter} `, '|')),
    [
      'Started|Sun Nov  1 13:51:14 UTC 2026',
      'Up|1 hr 02 min 03 sec',
      `Go version|${build.goVersion}`,
      'Binary version|1.37.1',
      'Emulation version|1.37',
      'Paths|/metrics /readyz /statusz',
      '',
    ],
  )
  assert.equal((await ask(statusz, 'text/html, */*;q=0.8')).contentType, 'text/plain; charset=utf-8')
})

test('programs get an object of a version that they name, as JSON or YAML; the older one warns', async () => {
  const form = (type: string, version: string) => `${type};v=${version};g=config.k8s.io;as=Statusz`
  const beta = await ask(statusz, form('application/json', 'v1beta1'))
  assert.equal(beta.contentType, 'application/json;g=config.k8s.io;v=v1beta1;as=Statusz')
  assert.deepEqual(JSON.parse(beta.body), {
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    metadata: { name: 'apiserver' },
    startTime: '2026-11-01T13:51:14Z',
    uptimeSeconds: 3723,
    goVersion: build.goVersion,
    binaryVersion: '1.37.1',
    emulationVersion: '1.37',
    paths: ['/metrics', '/readyz', '/statusz'],
  })
  assert.deepEqual(beta.warnings, [])
  const alpha = await ask(statusz, form('application/yaml', 'v1alpha1'))
  assert.match(alpha.body, /^apiVersion: config.k8s.io\/v1alpha1\nbinaryVersion: 1.37.1\nemulationVersion: "1.37"\n/)
  assert.deepEqual(alpha.warnings, ['This version of the statusz endpoint is deprecated. Please use a newer version.'])
})

test('what is asked for in no form that there is gets 406', async () => {
  for (const accept of [
    'application/json',
    'text/html',
    'application/json;v=v1;g=config.k8s.io;as=Statusz',
    'application/json;v=v1beta1;g=config.k8s.io;as=Flagz',
    'application/cbor;v=v1beta1;g=config.k8s.io;as=Statusz',
  ]) {
    await assert.rejects(
      ask(statusz, accept),
      { message: 'only the following media types are accepted: application/json, application/yaml, text/plain' },
      accept,
    )
  }
})

test('flags are told as they would be written, in order', async () => {
  const page = flagzPage('kube-scheduler', flagValues({ verbose: true, 'cluster-cidr': ['a', 'b'], config: '' }))
  const { body } = await ask(page, undefined)
  assert.match(body, /\ncluster-cidr(:|: |=| )\[a,b\]\nconfig\1\nverbose\1true\n$/)
  const { body: object } = await ask(page, 'application/json;v=v1beta1;g=config.k8s.io;as=Flagz')
  assert.deepEqual(JSON.parse(object).flags, { 'cluster-cidr': '[a,b]', config: '', verbose: 'true' })
})
