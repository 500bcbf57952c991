import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { addToUserKubeconfig, parseKubeconfig, removeFromUserKubeconfig } from './user-kubeconfig.ts'

const skiff = {
  clusters: [{ name: 'skiff', cluster: { server: 'https://127.0.0.1:6443' } }],
  users: [{ name: 'skiff', user: {} }],
  contexts: [{ name: 'skiff', context: { cluster: 'skiff', user: 'skiff' } }],
  'current-context': 'skiff',
}

function file(t: TestContext, text?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-kubeconfig-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'config')
  if (text !== undefined) writeFileSync(path, text, { mode: 0o640 })
  return path
}

const theirs = `apiVersion: v1
kind: Config
contexts:
- name: prod
  context: {cluster: prod, user: me, namespace: "007"}
clusters:
- name: prod
  cluster: {server: "https://prod"}
users: []
current-context: prod
extensions:
- name: x
`

test('a context is added beside what is there, and the chosen one stays chosen', (t) => {
  const path = file(t, theirs)
  assert.equal(addToUserKubeconfig(path, skiff).currentContext, 'prod')
  const config = parseKubeconfig(readFileSync(path, 'utf8'))
  assert.deepEqual(
    (config['contexts'] as { name: string }[]).map(({ name }) => name),
    ['prod', 'skiff'],
  )
  assert.deepEqual((config['contexts'] as object[])[0], {
    name: 'prod',
    context: { cluster: 'prod', user: 'me', namespace: '007' },
  })
  assert.deepEqual(config['extensions'], [{ name: 'x' }])
  assert.equal(statSync(path).mode & 0o777, 0o640)
})

test('without a file one is made for the user alone, and its context is the current one', (t) => {
  const path = join(file(t), '..', 'new', 'config')
  assert.equal(addToUserKubeconfig(path, skiff).currentContext, 'skiff')
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('adding twice is adding once, and removing leaves what was there', (t) => {
  const path = file(t, theirs)
  addToUserKubeconfig(path, skiff)
  addToUserKubeconfig(path, skiff)
  removeFromUserKubeconfig(path, skiff)
  const left = parseKubeconfig(readFileSync(path, 'utf8'))
  const before = parseKubeconfig(theirs)
  assert.deepEqual(left['contexts'], before['contexts'])
  assert.deepEqual(left['clusters'], before['clusters'])
  assert.equal(left['current-context'], 'prod')
})

test('a broken file is refused in one sentence and not touched', (t) => {
  for (const text of ['a: [', 'just text', 'contexts: {}']) {
    const path = file(t, text)
    assert.throws(() => addToUserKubeconfig(path, skiff), /is no (valid YAML|kubeconfig)/)
    assert.equal(readFileSync(path, 'utf8'), text)
  }
})

test('a link to a file elsewhere stays a link', (t) => {
  const real = file(t, theirs)
  const link = join(real, '..', 'link')
  symlinkSync(real, link)
  addToUserKubeconfig(link, skiff)
  assert.match(readFileSync(real, 'utf8'), /skiff/)
})
