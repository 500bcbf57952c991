import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../machinery/free-port.ts'
import { testCluster, type TestCluster } from './test-cluster.fixture.ts'

/** Helm as it is, with the chart that it makes for beginners: `go install helm.sh/helm/v3/cmd/helm@v3.19.0`, or $HELM. */
const helmPath = process.env['HELM'] ?? 'helm'
const skip = spawnSync(helmPath, ['version']).status !== 0 && 'there is no helm on PATH or in $HELM'

suite('Helm', { skip }, () => {
  let cluster: TestCluster
  before(async () => {
    cluster = testCluster()
    const port = String(await freePort())
    await cluster.skiff(
      ...['up', '--detach', '--runtime', 'simulated', '--port', port, '--kubeconfig', cluster.kubeconfig],
    )
    helm('create', 'chart')
  })
  after(() => cluster?.remove())

  function helm(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(helmPath, args, {
      cwd: cluster.folder,
      encoding: 'utf8',
      timeout: 120_000,
      env: { PATH: process.env['PATH'], HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig },
    })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }
  // Simulated containers answer no HTTP.
  const options = [
    ...['--wait', '--timeout', '60s'],
    ...['--set', 'readinessProbe=null', '--set', 'livenessProbe=null', '--set', 'ingress.enabled=true'],
  ]

  test('installs, upgrades, fails, rolls back and uninstalls a chart', async () => {
    assert.match(helm('install', 'site', 'chart', ...options), /STATUS: deployed/)
    helm('upgrade', 'site', 'chart', ...options, '--set', 'replicaCount=3')
    const ready = async () =>
      cluster.kubectl('get', 'deployment', 'site-chart', '-o', 'jsonpath={.status.readyReplicas}')
    assert.equal(await ready(), '3')
    assert.throws(() => helm('upgrade', 'site', 'chart', ...options, '--set', 'service.port=99999'), {
      message: /spec.ports\[0\].port: Invalid value: 99999: must be between 1 and 65535, inclusive/,
    })
    assert.match(helm('rollback', 'site', '1', '--wait'), /Rollback was a success/)
    assert.equal(await ready(), '1')
    const history = JSON.parse(helm('history', 'site', '-o', 'json')) as { status: string }[]
    assert.deepEqual(
      history.map(({ status }) => status),
      ['superseded', 'superseded', 'failed', 'deployed'],
    )
    helm('uninstall', 'site', '--wait')
    assert.equal(await cluster.kubectl('get', 'deployments,ingresses,secrets', '-o', 'name'), '')
  })
})
