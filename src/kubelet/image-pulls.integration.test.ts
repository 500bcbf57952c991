import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { secrets } from '../api/core/v1/secret.ts'
import type { Secret } from '../api/types.generated.ts'
import { busyboxImage } from './images/archive/busybox.ts'
import { insideNamespaces } from './testing/inside-namespaces.ts'
import { NodeUnderTest, app, main, phase, pod } from './testing/node-under-test.ts'
import { startRegistry, type TestRegistry } from './testing/registry.ts'

/** Pull policies and pull secrets against a registry that asks who it is. */
if (insideNamespaces(import.meta.url)) {
  const node = new NodeUnderTest()
  let registry: TestRegistry

  /** Hooks of one level do not wait for each other: what needs the node is made by the first test. */
  async function prepare(): Promise<void> {
    registry = await startRegistry({ ann: 'right' })
    for (const repository of ['open/app', 'private/app', 'private/other']) {
      const image = busyboxImage('x')!
      // Each its own image: what one pod may use under one name says nothing of another.
      registry.push(repository, '1', { ...image, env: [...(image.env ?? ['PATH=/bin']), `REPOSITORY=${repository}`] })
    }
    await secret('right', 'ann', 'right')
    await secret('copy', 'ann', 'right')
    await secret('wrong', 'ann', 'wrong')
  }
  after(() => registry?.stop())

  async function secret(name: string, username: string, password: string): Promise<void> {
    const auths = { [registry.host]: { username, password } }
    await node.client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'default' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    } as unknown as Secret)
  }
  /** Runs a pod on the image to its end, with these pull secrets. */
  const create = (name: string, image: string, policy: string, ...pullSecrets: string[]) =>
    node.create(
      pod(name, '', {
        containers: [app('echo $REPOSITORY', { image: `${registry.host}/${image}`, imagePullPolicy: policy })],
        imagePullSecrets: pullSecrets.map((one) => ({ name: one })),
      }),
    )
  const runs = async (name: string) => node.log(await node.until(name, phase('Succeeded')))
  const waits = async (name: string, reason: string): Promise<string> => {
    const now = await node.until(
      name,
      (one) => one.status.containerStatuses !== undefined && main(one).state?.waiting?.reason === reason,
    )
    return main(now).state!.waiting!.message!
  }
  const pulls = (image: string) => registry.pulls.get(image) ?? 0

  test('IfNotPresent pulls once, Always each time, Never not at all', async () => {
    await prepare()
    await create('first', 'open/app:1', 'IfNotPresent')
    assert.deepEqual(await runs('first'), ['open/app'])
    const once = pulls('open/app:1')
    assert.ok(once > 0)
    await create('second', 'open/app:1', 'IfNotPresent')
    await create('third', 'open/app:1', 'Never')
    await runs('second')
    await runs('third')
    assert.equal(pulls('open/app:1'), once)
    await create('fourth', 'open/app:1', 'Always')
    await runs('fourth')
    assert.ok(pulls('open/app:1') > once)
    const events = node.messages()
    const image = `${registry.host}/open/app:1`
    assert.ok(events.includes(`first Pulling: Pulling image "${image}"`))
    assert.ok(
      events.some((line) =>
        /^first Pulled: Successfully pulled image ".*" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/.test(
          line,
        ),
      ),
    )
    assert.ok(
      events.includes(
        `third Pulled: Container image "${image}" already present on machine and can be accessed by the pod`,
      ),
    )
  })

  test('a private image needs the right secret; each that fits is tried', async () => {
    await create('without', 'private/app:1', 'IfNotPresent')
    assert.match(
      await waits('without', 'ErrImagePull'),
      /authorization failed|401 Unauthorized|no basic auth credentials/,
    )
    await create('wrong', 'private/app:1', 'IfNotPresent', 'wrong')
    await waits('wrong', 'ErrImagePull')
    assert.equal(pulls('private/app:1'), 0)
    await create('right', 'private/app:1', 'IfNotPresent', 'wrong', 'missing', 'right')
    assert.deepEqual(await runs('right'), ['private/app'])
    for (const name of ['without', 'wrong']) await node.remove(name)
  })

  test('an image that came with a secret is only for who shows it, also after the kubelet came back (KEP-2535)', async () => {
    await create('owner', 'private/other:1', 'IfNotPresent', 'right')
    await runs('owner')
    for (const round of ['before', 'after']) {
      if (round === 'after') {
        await node.stopKubelet()
        await node.startKubelet()
      }
      const given = pulls('private/other:1')
      await create(`thief-${round}`, 'private/other:1', 'IfNotPresent')
      await waits(`thief-${round}`, 'ErrImagePull')
      await create(`never-${round}`, 'private/other:1', 'Never')
      assert.equal(
        await waits(`never-${round}`, 'ErrImageNeverPull'),
        `Container image "${registry.host}/private/other:1" is not present with pull policy of Never`,
      )
      await create(`same-${round}`, 'private/other:1', 'IfNotPresent', 'right')
      await runs(`same-${round}`)
      await create(`copy-${round}`, 'private/other:1', 'Never', 'copy')
      await runs(`copy-${round}`)
      assert.equal(pulls('private/other:1'), given, 'nothing was pulled for who showed the secret')
      for (const name of ['thief', 'never']) await node.remove(`${name}-${round}`)
    }
  })

  test('an image by its digest', async () => {
    const digest = registry.push('open/pinned', 'x', { ...busyboxImage('x')!, env: ['PATH=/bin', 'REPOSITORY=pinned'] })
    await create('pinned', `open/pinned@${digest}`, 'IfNotPresent')
    assert.deepEqual(await runs('pinned'), ['pinned'])
  })
}
