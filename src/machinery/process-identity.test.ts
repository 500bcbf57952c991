import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { childrenOf, identify, isRunning, parseProcessStat, signalProcess } from './process-identity.ts'

test('a process name with spaces and parentheses does not confuse the fields', () => {
  const stat = `42 (a) b (c) S 7 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4711 0`
  assert.deepEqual(parseProcessStat(stat), { state: 'S', parent: 7, startTicks: 4711 })
})

test('a process is known until it ends, and a recycled pid is not believed', async () => {
  const child = spawn('sleep', ['10'])
  await once(child, 'spawn')
  const identity = identify(child.pid ?? 0)
  assert.ok(identity !== undefined && isRunning(identity))
  assert.ok(childrenOf(process.pid).includes(identity.pid))
  assert.ok(!isRunning({ ...identity, startTicks: identity.startTicks - 1 }))
  assert.ok(!isRunning({ ...identity, bootId: 'another' }))
  assert.ok(signalProcess(identity, 'SIGKILL'))
  await once(child, 'exit')
  assert.ok(!isRunning(identity))
  assert.ok(!signalProcess(identity, 'SIGKILL'))
})
