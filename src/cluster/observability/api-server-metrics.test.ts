import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { ApiError } from '../../machinery/errors.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { startApiServer } from '../api-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-metrics-'))
let running: Awaited<ReturnType<typeof startApiServer>>

before(async () => {
  running = await startApiServer({
    store: createMemoryStore(),
    pki: createPki({ folder, clock: systemClock }),
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '10.0.0.1', port: 6443 },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  })
})
after(async () => {
  await running.stop()
  rmSync(folder, { recursive: true, force: true })
})

const value = (series: string) => {
  const lines = running.server.metrics.text().split('\n')
  return Number(
    lines
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1) ?? Number.NaN,
  )
}
const post = (path: string, body: object) => running.client.transport.request({ method: 'POST', path, body })
const eventually = async (what: () => Promise<boolean>) => {
  for (let attempt = 0; !(await what()); attempt++) {
    assert.ok(attempt < 400, 'it never came to be')
    await sleep(systemClock, 10)
  }
}

test('policies that find something wrong, and conditions that keep them from looking, are counted', async () => {
  const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }
  await post(policies, {
    metadata: { name: 'no-tea' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [rule] },
      matchConditions: [{ name: 'not-exempt', expression: '!object.metadata.name.startsWith("exempt")' }],
      validations: [{ expression: '!("tea" in object.data)', message: 'no tea' }],
    },
  })
  await post(`${policies.replace('policies', 'policybindings')}`, {
    metadata: { name: 'everywhere' },
    spec: { policyName: 'no-tea', validationActions: ['Deny'] },
  })
  const maps = '/api/v1/namespaces/default/configmaps'
  let turn = 0
  await eventually(async () => {
    try {
      await post(maps, { metadata: { name: `a${turn++}` }, data: { tea: 'earl' } })
      return false
    } catch (error) {
      assert.ok(error instanceof ApiError && /no tea/.test(error.message), String(error))
      return true
    }
  })
  const found = 'enforcement_action="deny",error_type="invalid_error",policy="no-tea",policy_binding="everywhere"'
  assert.equal(value(`apiserver_validating_admission_policy_check_total{${found}}`), 1)
  assert.equal(value(`apiserver_validating_admission_policy_check_duration_seconds_count{${found}}`), 1)
  await post(maps, { metadata: { name: 'exempt' }, data: { tea: 'earl' } })
  const asked = 'kind="policy",name="no-tea",operation="CREATE",type="validate"'
  assert.equal(value(`apiserver_admission_match_condition_exclusions_total{${asked}}`), 1)
  assert.ok(value(`apiserver_admission_match_condition_evaluation_seconds_count{${asked}}`) >= 2)
})

test('rules of custom resources are timed, compiled once and asked each time', async () => {
  const value_ = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] }
  const schema = { openAPIV3Schema: { type: 'object', properties: { size: value_ } } }
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'boats.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'boats', kind: 'Boat' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  })
  const boats = '/apis/example.com/v1/namespaces/default/boats'
  const boat = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name }, size: 2 })
  await eventually(() =>
    post(boats, boat('a')).then(
      () => true,
      () => false,
    ),
  )
  await post(boats, boat('b'))
  assert.equal(value('apiserver_cel_compilation_duration_seconds_count'), 1)
  assert.equal(value('apiserver_cel_evaluation_duration_seconds_count'), 2)
  assert.equal(value('apiextensions_apiserver_validation_ratcheting_seconds_count'), 0)
  await running.client.transport.request({
    method: 'PATCH',
    path: `${boats}/a`,
    contentType: 'application/merge-patch+json',
    body: { size: 3 },
  })
  assert.equal(value('apiextensions_apiserver_validation_ratcheting_seconds_count'), 1)
})

test('discovery is counted when it is put together, not when it is asked for again', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const before = value('aggregator_discovery_aggregation_count_total')
  const ask = () => running.client.transport.request({ method: 'GET', path: '/apis', accept })
  await ask()
  await ask()
  assert.equal(value('aggregator_discovery_aggregation_count_total'), before + 1)
  assert.ok(value('apiserver_request_filter_duration_seconds_count{filter="authorization"}') > 0)
})
