import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canInstall, installPackages, missingPackages } from './system-packages.ts'

test('a host with everything needs nothing; what lies in sbin counts though PATH lacks it', () => {
  assert.deepEqual(
    missingPackages('/usr/bin', (file) => /^\/usr\/(bin|sbin|lib\/cni)\//.test(file)),
    [],
  )
})

test('each missing package is named once', () => {
  const missing = missingPackages('/usr/bin', (file) => !/(containerd|ctr|ptp|nft)$/.test(file))
  assert.deepEqual(missing, ['containerd', 'containernetworking-plugins', 'nftables'])
})

test('packages are installed by root on Debian and its kin only', () => {
  assert.equal(canInstall('ID=debian\n', 0), true)
  assert.equal(canInstall('ID=mint\nID_LIKE="ubuntu debian"\n', 0), true)
  assert.equal(canInstall('ID=fedora\n', 0), false)
  assert.equal(canInstall('ID=debian\n', 1000), false)
})

test('old package lists are refreshed once when an install fails', async () => {
  const calls: string[] = []
  await installPackages(
    async (command, args) => {
      calls.push([command, args[0]].join(' '))
      if (calls.length === 1) throw new Error('Unable to locate package')
      return { stdout: '', stderr: '' }
    },
    ['nftables'],
  )
  assert.deepEqual(calls, ['apt-get install', 'apt-get update', 'apt-get install'])
})
