import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../../api/core/v1/pod.ts'
import { serviceAccounts } from '../../../api/core/v1/service-account.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { VirtualClock } from '../../../machinery/clock.ts'
import { seededRandom } from '../../../machinery/random.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { testAttributes } from '../test-attributes.ts'
import { createServiceAccount } from './plugin.ts'

const account = (name: string, more: object = {}, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'default', annotations },
  ...more,
})
function cluster(...accounts: object[]) {
  const lister = createMemoryLister()
  for (const one of accounts) lister.put(serviceAccounts, one as never)
  const clock = new VirtualClock()
  return { lister, clock, plugin: createServiceAccount({ lister, clock, random: seededRandom(7) }) }
}
const pod = (spec: object = {}, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', annotations },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

test('a pod gets the default account, and the volume in exactly upstream’s shape in every container', async () => {
  const { plugin } = cluster(account('default'))
  const attributes = testAttributes(pods as never, { object: pod({ initContainers: [{ name: 'i', image: 'i' }] }) })
  await plugin.mutate!(attributes)
  const { spec } = attributes.object as unknown as Pod
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['default', 'default'])
  const name = spec.volumes![0]!.name
  assert.deepEqual(spec.volumes, [
    {
      name,
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
        ],
        defaultMode: 420,
      },
    },
  ])
  const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
  assert.deepEqual([spec.containers[0]!.volumeMounts, spec.initContainers![0]!.volumeMounts], [[mount], [mount]])
})

test('who wants no token gets none; who mounted something there keeps it; a second run changes nothing', async () => {
  const { plugin } = cluster(account('default', { automountServiceAccountToken: false }), account('other'))
  const admitted = async (spec: object) => {
    const attributes = testAttributes(pods as never, { object: pod(spec) })
    await plugin.mutate!(attributes)
    const once = JSON.stringify(attributes.object)
    await plugin.mutate!(attributes)
    assert.equal(JSON.stringify(attributes.object), once)
    return (attributes.object as unknown as Pod).spec
  }
  assert.equal((await admitted({})).volumes, undefined)
  assert.equal(
    (await admitted({ serviceAccountName: 'other', automountServiceAccountToken: false })).volumes,
    undefined,
  )
  assert.equal((await admitted({ automountServiceAccountToken: true })).volumes?.length, 1)
  const own = [{ name: 'mine', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }]
  const spec = await admitted({
    serviceAccountName: 'other',
    containers: [{ name: 'c', image: 'i', volumeMounts: own }],
  })
  assert.deepEqual([spec.containers[0]!.volumeMounts, spec.volumes], [own, undefined])
})

test('pull secrets come from the account where the pod names none', async () => {
  const { plugin } = cluster(account('default', { imagePullSecrets: [{ name: 'registry' }] }))
  const secretsOf = async (spec: object) => {
    const attributes = testAttributes(pods as never, { object: pod(spec) })
    await plugin.mutate!(attributes)
    return (attributes.object as unknown as Pod).spec.imagePullSecrets
  }
  assert.deepEqual(await secretsOf({}), [{ name: 'registry' }])
  assert.deepEqual(await secretsOf({ imagePullSecrets: [{ name: 'own' }] }), [{ name: 'own' }])
})

test('a pod waits for the default account of a new namespace, not for any other', async () => {
  const { plugin, lister, clock } = cluster()
  await assert.rejects(
    async () => plugin.mutate!(testAttributes(pods as never, { object: pod({ serviceAccountName: 'x' }) })),
    {
      message: 'pods "p" is forbidden: error looking up service account default/x: serviceaccount "x" not found',
    },
  )
  const admitting = plugin.mutate!(testAttributes(pods as never, { object: pod() }))
  await clock.advance(300)
  lister.put(serviceAccounts, account('default') as never)
  await clock.advance(300)
  await admitting
})

test('security.md, admission bypass: mountable secrets bind containers of every kind (CVE-2023-2728)', async () => {
  const { plugin } = cluster(
    account('default', { secrets: [{ name: 'allowed' }] }, { 'kubernetes.io/enforce-mountable-secrets': 'true' }),
  )
  const from = (name: string) => ({ name: 'x', image: 'i', envFrom: [{ secretRef: { name } }] })
  const refused = async (spec: object, message: RegExp, update = false) => {
    const attributes = testAttributes(
      pods as never,
      update
        ? {
            operation: 'UPDATE',
            subresource: 'ephemeralcontainers',
            object: pod({ serviceAccountName: 'default', ...spec }),
            oldObject: pod(),
          }
        : { object: pod({ serviceAccountName: 'default', ...spec }) },
    )
    await assert.rejects(async () => (update ? plugin.validate!(attributes) : plugin.mutate!(attributes)), message)
  }
  const why = 'is not allowed because service account default does not reference that secret'
  await refused(
    { containers: [from('other')] },
    new RegExp(`container x with envFrom referencing secret.secretName="other" ${why}`),
  )
  await refused({ initContainers: [from('other')] }, new RegExp(`init container x with envFrom .*${why}`))
  await refused(
    { ephemeralContainers: [from('other')] },
    new RegExp(`ephemeral container x with envFrom .*${why}`),
    true,
  )
  await refused(
    { volumes: [{ name: 'v', secret: { secretName: 'other' } }] },
    new RegExp(`volume with secret.secretName="other" ${why}`),
  )
  await refused(
    { imagePullSecrets: [{ name: 'other' }] },
    /imagePullSecrets\[0\].name="other" is not allowed because service account default does not reference that imagePullSecret/,
  )
  await plugin.mutate!(testAttributes(pods as never, { object: pod({ containers: [from('allowed')] }) }))
})

test('a mirror pod has no account, no secrets and no tokens', async () => {
  const { plugin } = cluster(account('default'))
  const mirror = { 'kubernetes.io/config.mirror': 'x' }
  const refused = (spec: object, message: RegExp) =>
    assert.rejects(async () => plugin.mutate!(testAttributes(pods as never, { object: pod(spec, mirror) })), message)
  await refused({ serviceAccountName: 'default' }, /a mirror pod may not reference service accounts/)
  await refused({ imagePullSecrets: [{ name: 's' }] }, /a mirror pod may not reference secrets/)
  await refused(
    { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    /may not use ServiceAccountToken volume projections/,
  )
  const attributes = testAttributes(pods as never, { object: pod({}, mirror) })
  await plugin.mutate!(attributes)
  assert.equal((attributes.object as unknown as Pod).spec.serviceAccountName, undefined)
})
