import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types.generated.ts'
import { startHarness } from '../runtime/harness.ts'
import { ephemeralVolumeController } from './controller.ts'
import { claimOfVolume, foreignClaim } from './ephemeral-claim.ts'

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const volume = { name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec } } }
const pod = (more: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'ns', name: 'web', ...more },
    spec: { volumes: [{ name: 'other', emptyDir: {} }, volume] },
  }) as unknown as Pod

test('a claim is named after pod and volume, made from the template and owned by the pod', () => {
  const claim = claimOfVolume(pod({ uid: 'u' }), volume as never)
  assert.equal(claim?.metadata.name, 'web-scratch')
  assert.deepEqual(claim?.metadata.labels, { a: 'b' })
  assert.deepEqual(claim?.spec, spec)
  assert.equal(claimOfVolume(pod(), { name: 'x', emptyDir: {} }), undefined)
  assert.equal(foreignClaim(pod({ uid: 'u' }), claim as PersistentVolumeClaim), undefined)
  assert.equal(
    foreignClaim(pod({ uid: 'another' }), claim as PersistentVolumeClaim),
    'PVC ns/web-scratch was not created for pod ns/web (pod is not owner)',
  )
})

test('a claim that is deleted under its pod comes again; one of somebody else is told about', async () => {
  const { client, events, settle, advance, stop } = startHarness({
    controllers: [ephemeralVolumeController],
    prepare: (prepared) => prepared.seed(pods, pod({ uid: 'u' })),
  })
  await settle()
  const key = { namespace: 'ns', name: 'web-scratch' }
  assert.deepEqual(client.writes(), ['create persistentvolumeclaims web-scratch'])
  await client.delete(persistentVolumeClaims, key)
  await advance(1000)
  assert.equal(client.objects(persistentVolumeClaims).length, 1)
  await client.create(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'ns', name: 'late-scratch' },
    spec,
  } as never)
  await client.create(pods, pod({ name: 'late' }))
  await advance(10)
  assert.equal(
    events[0],
    'Warning FailedBinding ephemeral volume scratch: PVC ns/late-scratch was not created for pod ns/late (pod is not owner)',
  )
  await stop()
})
