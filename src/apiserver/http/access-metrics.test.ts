import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { unauthorized } from '../../machinery/errors.ts'
import { silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { createAuthenticationChain } from '../authentication/chain.ts'
import { AccessMetrics } from './access-metrics.ts'

const request = { headers: {}, path: '/', remoteAddress: '127.0.0.1' }

test('what came of each attempt is counted, without anybody’s name', async () => {
  const registry = new MetricsRegistry()
  const metrics = new AccessMetrics(registry, systemClock)
  const attempt = (authenticate: () => string | undefined) => {
    const authenticators = [
      {
        name: 'test',
        authenticate() {
          const name = authenticate()
          return name === undefined ? undefined : { user: { name, groups: [] } }
        },
      },
    ]
    const chain = createAuthenticationChain({ authenticators, anonymous: { enabled: false }, log: silentLogger })
    return metrics.authentication(chain.authenticate(request))
  }
  for (const name of ['admin', 'jane@example.com', 'jane']) await attempt(() => name)
  await assert.rejects(
    attempt(() => undefined),
    unauthorized(),
  )
  await assert.rejects(
    attempt(() => {
      throw new Error('expired')
    }),
    /Unauthorized/,
  )
  await metrics.authorization(() => ({ decision: 'allow', reason: '' }))
  await metrics.authorization(async () => ({ decision: 'noOpinion', reason: '', error: 'broken' }))
  await metrics.authorization(() => ({ decision: 'noOpinion', reason: '' }))
  await metrics.authorization(() => ({ decision: 'deny', reason: '' }))
  const lines = registry.text().split('\n')
  assert.deepEqual(
    lines.filter((line) => /^(authenticated_user_requests|authentication_attempts|authorization_attempts)/.test(line)),
    [
      'authenticated_user_requests{username="admin"} 1',
      'authenticated_user_requests{username="email_id"} 1',
      'authenticated_user_requests{username="other"} 1',
      'authentication_attempts{result="success"} 3',
      'authentication_attempts{result="failure"} 1',
      'authentication_attempts{result="error"} 1',
      'authorization_attempts_total{result="allowed"} 1',
      'authorization_attempts_total{result="error"} 1',
      'authorization_attempts_total{result="no-opinion"} 1',
      'authorization_attempts_total{result="denied"} 1',
    ],
  )
  assert.ok(lines.includes('authorization_duration_seconds_bucket{result="denied",le="+Inf"} 1'))
  assert.ok(lines.some((line) => line.startsWith('authentication_duration_seconds_bucket{result="error",le="16.384"}')))
})
