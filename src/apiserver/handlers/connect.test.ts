import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { parseFeatureGates } from '../../api/features/feature-gates.ts'
import type { AuthorizationAttributes } from '../authorization/authorizer.ts'
import { podStreamHandler } from '../connect/pod-stream.ts'
import type { RequestContext } from '../request-context.ts'
import { Query } from '../routing/query.ts'
import { parseRequestInfo } from '../routing/request-info.ts'
import { handleConnect } from './connect.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

/** `kubectl exec` over a WebSocket, whose first request is a GET; answers which verbs were asked about. */
async function exec(gates: readonly string[], allows: boolean): Promise<readonly string[]> {
  const path = '/api/v1/namespaces/d/pods/p/exec'
  const segments = path.split('/').slice(1)
  const query = Query.parse('command=ls')
  const user = { name: 'ann', groups: [] }
  const request = { method: 'GET', path, segments, rawSegments: segments, query, headers: {}, exchange: {} }
  const info = parseRequestInfo('GET', path, segments, query)
  const asked: string[] = []
  const services = {
    enabled: parseFeatureGates(gates).enabled,
    admission: { mutate: () => {}, validate: () => {} },
    authorizer: {
      authorize: ({ verb, subresource }: AuthorizationAttributes) => {
        asked.push(`${verb} ${subresource}`)
        return { decision: allows ? 'allow' : 'noOpinion', reason: 'no rule' }
      },
    },
  } as unknown as HandlerServices
  const context = { info, request, user, warnings: new Set() } as unknown as RequestContext
  const handler = podStreamHandler('exec', {} as Parameters<typeof podStreamHandler>[1])
  await handleConnect(context, { definition: pods } as unknown as Resource, handler, services)
  return asked
}

test('who may only read may not run a command over a WebSocket, though that begins with a GET', async () => {
  await assert.rejects(exec([], false), { code: 403, message: 'pods "p" is forbidden: no rule' })
  assert.deepEqual(await exec([], true), ['create exec'])
  assert.deepEqual(await exec(['AuthorizePodWebsocketUpgradeCreatePermission=false'], false), [])
})
