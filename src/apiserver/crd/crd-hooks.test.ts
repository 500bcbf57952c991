import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer } from '../open-server.fixture.ts'
import { tabs } from './tabs.fixture.ts'

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

test('a definition that is not the one meant is not deleted', async () => {
  await using open = await openServer()
  const made = await open.call('POST', path, tabs)
  assert.equal(made.status, 201)
  const { uid, resourceVersion } = made.body.metadata
  for (const [preconditions, why] of [
    [{ uid: 'other' }, `UID in precondition: other, UID in object meta: ${uid}`],
    [
      { resourceVersion: '1' },
      `ResourceVersion in precondition: 1, ResourceVersion in object meta: ${resourceVersion}`,
    ],
  ] as const) {
    const { status, body } = await open.call('DELETE', `${path}/tabs.example.com`, { preconditions })
    assert.deepEqual(
      [status, body['message']],
      [
        409,
        `Operation cannot be fulfilled on customresourcedefinitions.apiextensions.k8s.io "tabs.example.com": precondition failed: ${why}`,
      ],
    )
  }
})
