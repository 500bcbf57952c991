import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pause, systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { testCluster, withRealNodes } from './test-cluster.fixture.ts'

interface Request {
  readonly spec: { readonly signerName: string; readonly username: string }
  readonly status: { readonly certificate?: string }
}

test('a node asks for its certificates and renews them, and is reached all the while', withRealNodes, async (t) => {
  const cluster = testCluster()
  t.after(() => cluster.remove())
  const port = String(await freePort())
  // So short, from five minutes before now on, that they are renewed again and again.
  const short = ['--cluster-signing-duration', '60s']
  await cluster.skiff('up', '--detach', '--port', port, '--kubeconfig', cluster.kubeconfig, ...short)
  const issued = async (user: string, signer: string): Promise<number> => {
    const { items } = JSON.parse(await cluster.kubectl('get', 'csr', '-o', 'json')) as { items: Request[] }
    return items.filter(
      ({ spec, status }) =>
        spec.username === user && spec.signerName === `kubernetes.io/${signer}` && status.certificate !== undefined,
    ).length
  }
  const node = 'system:node:node1'
  const done = async () =>
    (await issued(node, 'kube-apiserver-client-kubelet')) >= 2 && (await issued(node, 'kubelet-serving')) >= 2
  while (!(await done())) {
    assert.equal(await cluster.kubectl('get', '--raw', '/api/v1/nodes/node1/proxy/healthz'), 'ok')
    await pause(systemClock, 200)
  }
  assert.equal(await issued('system:bootstrap:node1', 'kube-apiserver-client-kubelet'), 1)
  const folder = join(cluster.dataDir, 'nodes/node1')
  const files = readdirSync(join(folder, 'root/var/lib/kubelet/pki'))
  assert.deepEqual(
    files.filter((name) => name.endsWith('-current.pem')),
    ['kubelet-client-current.pem', 'kubelet-server-current.pem'],
  )
  assert.equal(files.length, 4)
  assert.doesNotMatch(readFileSync(join(folder, 'agent.log'), 'utf8'), /level=(warn|error)/)
  const ready = await cluster.kubectl(
    'get',
    'node',
    'node1',
    '-o',
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
  )
  assert.equal(ready, 'True')
})
