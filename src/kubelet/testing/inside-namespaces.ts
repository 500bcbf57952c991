import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/**
 * Lets a test file run as a machine of its own: mount, network, UTS and PID namespaces, in which it may mount, make
 * interfaces and start daemons, and which end with it. The first lines of such a file are
 * `if (insideNamespaces(import.meta.url)) { test(…) }`: outside, the file is one test that runs itself inside.
 */
export function insideNamespaces(moduleUrl: string): boolean {
  if (process.env['SKIFF_INSIDE_NAMESPACES'] === '1') return true
  const file = fileURLToPath(moduleUrl)
  const root = process.platform === 'linux' && process.getuid?.() === 0
  const skip = root || process.env['CI'] === 'true' ? false : 'needs root on Linux'
  test(`${file.split('/').slice(-3).join('/')} in namespaces of its own`, { skip, timeout: 300_000 }, async () => {
    const arguments_ = ['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc']
    const inside = [process.execPath, '--test', '--test-isolation=none', '--test-reporter=spec', file]
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn('unshare', [...arguments_, ...inside], {
      env: { ...env, SKIFF_INSIDE_NAMESPACES: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const [code] = await once(child, 'close')
    if (process.env['SKIFF_TEST_OUTPUT'] === '1') process.stderr.write(output)
    assert.equal(code, 0, output)
  })
  return false
}
