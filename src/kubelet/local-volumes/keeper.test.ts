import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { createLocalVolumeKeeper } from './keeper.ts'

const volume = (name: string, path: string, hostname: string, policy: string) =>
  ({
    metadata: { name },
    spec: {
      hostPath: { path },
      persistentVolumeReclaimPolicy: policy,
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] },
          ],
        },
      },
    },
  }) as unknown as KubeObject

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 300) throw new Error('waited in vain')
    await new Promise((resolve) => systemClock.after(5, () => resolve(undefined)))
  }
}

test('folders come and go with this node’s volumes; data that are to outlive theirs stay', async () => {
  const root = mkdtempSync(join(tmpdir(), 'skiff-volumes-'))
  const folder = join(root, 'volumes')
  const at = (name: string) => join(folder, name)
  for (const name of ['pvc-orphan', 'pvc-kept-orphan']) mkdirSync(at(name), { recursive: true })
  writeFileSync(at('pvc-kept-orphan.retain'), '')
  const client = fakeClient()
  client.seed(
    persistentVolumes,
    volume('a', at('pvc-a'), 'here', 'Delete'),
    volume('b', at('pvc-b'), 'here', 'Retain'),
    volume('elsewhere', at('pvc-elsewhere'), 'there', 'Delete'),
    volume('outside', join(root, 'pvc-outside'), 'here', 'Delete'),
    volume('climbing', `${folder}/x/../../pvc-climbing`, 'here', 'Delete'),
  )
  const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
  const keeper = createLocalVolumeKeeper({ informers, hostname: 'here', folder, clock: systemClock, log: silentLogger })
  try {
    await keeper.start()
    await until(() => existsSync(at('pvc-a')) && existsSync(at('pvc-b.retain')) && !existsSync(at('pvc-orphan')))
    assert.equal(statSync(at('pvc-a')).mode & 0o777, 0o777)
    assert.ok(existsSync(at('pvc-kept-orphan')))
    for (const none of [at('pvc-elsewhere'), join(root, 'pvc-outside'), join(root, 'pvc-climbing')])
      assert.ok(!existsSync(none))
    await client.delete(persistentVolumes, { name: 'b' })
    await client.delete(persistentVolumes, { name: 'a' })
    await until(() => !existsSync(at('pvc-a')))
    assert.ok(existsSync(at('pvc-b')))
  } finally {
    await keeper.stop()
    await informers.stop()
    rmSync(root, { recursive: true })
  }
})
