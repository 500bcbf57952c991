import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandError, missingTool, runCommand } from './command.ts'

const failure = async (run: Promise<unknown>): Promise<CommandError> => {
  try {
    await run
  } catch (error) {
    assert.ok(error instanceof CommandError)
    return error
  }
  assert.fail('it did not fail')
}

test('a tool gets its input and gives its output', async () => {
  assert.deepEqual(await runCommand('cat', [], { input: 'hello' }), { stdout: 'hello', stderr: '' })
})

test('a failing tool is reported with its own words', async () => {
  const error = await failure(runCommand('sh', ['-c', 'echo broken >&2; exit 3']))
  assert.equal(error.code, 3)
  assert.match(error.message, /failed with code 3: broken$/)
})

test('a missing tool names the package that brings it', async () => {
  const error = await failure(runCommand('/nowhere/nft', ['-f', '-'], { input: 'add table ip x' }))
  assert.equal(error.code, 127)
  assert.equal(
    error.message,
    '/nowhere/nft is not installed: install the package nftables (Debian, Ubuntu: apt-get install nftables)',
  )
  assert.equal(missingTool('frobnicate'), 'frobnicate is not installed')
})

test('a tool that hangs is killed', async () => {
  const error = await failure(runCommand('sleep', ['10'], { timeoutMs: 30 }))
  assert.equal(error.code, 124)
})
