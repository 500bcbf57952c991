import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createPullRecords, type PullSecret } from './pull-records.ts'

const secret = (name: string, credentialHash = name): PullSecret => ({
  uid: name,
  namespace: 'a',
  name,
  credentialHash,
})
const [image, repository, ref] = ['r.io/app:1', 'r.io/app', 'sha256:1']

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'skiff-pulls-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

test('images that came otherwise, or without credentials, are anyone’s', () => {
  const records = createPullRecords(undefined)
  assert.equal(records.mustPull(image, repository, ref, []), false)
  records.begin(image)
  records.pulled(image, repository, ref, undefined)
  assert.equal(records.mustPull(image, repository, ref, []), false)
})

test('an image that was pulled with a secret is for those who show it, or the same credentials', () => {
  const records = createPullRecords(undefined)
  records.begin(image)
  records.pulled(image, repository, ref, secret('one'))
  assert.equal(records.mustPull(image, repository, ref, []), true)
  assert.equal(records.mustPull(image, repository, ref, [secret('two')]), true)
  assert.equal(records.mustPull(image, repository, ref, [secret('two'), secret('one')]), false)
  assert.equal(records.mustPull(image, repository, ref, [secret('copy', 'one')]), false)
  // A secret keeps its right when its content changes; what it holds then counts for others as well.
  assert.equal(records.mustPull(image, repository, ref, [secret('one', 'rotated')]), false)
  assert.equal(records.mustPull(image, repository, ref, [secret('three', 'rotated')]), false)
  // Under another name the image must be asked for anew.
  assert.equal(records.mustPull('r.io/other:1', 'r.io/other', ref, [secret('one')]), true)
  records.begin(image)
  records.pulled(image, repository, ref, undefined)
  assert.equal(records.mustPull(image, repository, ref, []), false)
})

test('records outlive the kubelet; a pull that was cut off leaves an image that nobody may use unasked', (t) => {
  const place = folder(t)
  const before = createPullRecords(place)
  before.begin(image)
  before.pulled(image, repository, ref, secret('one'))
  before.begin('r.io/half:1')
  before.begin('r.io/failed:1')
  before.failed('r.io/failed:1')
  writeFileSync(join(place, 'pulled/sha256-half'), '{"key":')
  const after = createPullRecords(place)
  assert.equal(after.mustPull(image, repository, ref, [secret('one')]), false)
  assert.equal(after.mustPull(image, repository, ref, []), true)
  assert.equal(after.mustPull('r.io/half:1', 'r.io/half', 'sha256:2', []), true)
  assert.equal(after.mustPull('r.io/failed:1', 'r.io/failed', 'sha256:3', []), false)
  after.keepOnly(['sha256:9'])
  assert.deepEqual(readdirSync(join(place, 'pulled')), [])
})

test('two pulls of one image at once: the intent stays until both are over', () => {
  const records = createPullRecords(undefined)
  records.begin(image)
  records.begin(image)
  records.failed(image)
  assert.equal(records.mustPull(image, repository, ref, []), true)
  records.failed(image)
  assert.equal(records.mustPull(image, repository, ref, []), false)
})
