import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer } from '../open-server.fixture.ts'

test('a path that is not there is not found by any method, one that is there refuses a method', async () => {
  await using open = await openServer()
  const status = async (method: string, path: string) => (await open.call(method, path, {})).status
  for (const method of ['GET', 'POST', 'DELETE']) {
    assert.equal(await status(method, '/apis/apps/v1/deployments/x'), 404)
    assert.equal(await status(method, '/api/v1/namespaces/default/bindings/x'), 404)
    assert.equal(await status(method, '/api/v1/namespaces/default/nothing'), 404)
    assert.equal(await status(method, '/api/v1/namespaces/default/pods/x/status/y'), 404)
  }
  assert.equal(await status('POST', '/api/v1/pods'), 405)
  assert.equal(await status('DELETE', '/api/v1/pods'), 405)
  assert.equal(await status('GET', '/api/v1/namespaces/default/bindings'), 405)
})
