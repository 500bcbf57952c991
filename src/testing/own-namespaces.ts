import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const flag = 'SKIFF_TEST_NAMESPACE'

/**
 * For integration tests that make links, routes and rules: true when this process runs in a network and mount namespace
 * of its own, where nothing of the host can be harmed. Otherwise it runs the file once more in such namespaces, as one
 * test, and returns false. Without root the test is skipped, unless CI asks for it.
 */
export function inOwnNamespaces(file: string): boolean {
  if (process.env[flag] !== undefined) return true
  const skip = process.getuid?.() !== 0 && process.env.CI !== 'true' ? 'needs root' : false
  test(`in namespaces of its own: ${file.slice(file.lastIndexOf('/src/') + 1)}`, { skip }, () => {
    const script =
      'ip link set lo up && mount -t tmpfs tmpfs /run && exec "$0" --disable-warning=ExperimentalWarning --test-reporter=spec --test "$1"'
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const result = spawnSync('unshare', ['--net', '--mount', 'sh', '-c', script, process.execPath, file], {
      env: { ...env, [flag]: '1' },
      encoding: 'utf8',
      timeout: 120_000,
    })
    if (result.status !== 0) throw new Error(`${result.error ?? ''}\n${result.stdout}\n${result.stderr}`)
  })
  return false
}
