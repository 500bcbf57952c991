import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isRestrictive } from './host-firewall.ts'
import { createHostLedger } from './host-ledger.ts'

test('the last cluster to leave puts the host back as it was', () => {
  const top = mkdtempSync(join(tmpdir(), 'skiff-ledger-'))
  try {
    const proc = join(top, 'proc')
    mkdirSync(join(proc, 'net/ipv4'), { recursive: true })
    writeFileSync(join(proc, 'net/ipv4/ip_forward'), '0\n')
    const sysctl = () => readFileSync(join(proc, 'net/ipv4/ip_forward'), 'utf8').trim()
    // Two processes, as two clusters would be.
    const [one, two] = [0, 1].map(() => createHostLedger({ folder: join(top, 'run'), proc }))
    one!.enter('skiff0', '/data/skiff0', () => true)
    one!.setSysctl('net.ipv4.ip_forward', '1')
    one!.setSysctl('net.ipv4.unknown', '1')
    one!.makeFolder(join(top, 'var/lib/kubelet'))
    two!.enter('skiff1', '/data/skiff1', () => true)
    two!.setSysctl('net.ipv4.ip_forward', '1')
    two!.makeFolder(join(top, 'var/lib/kubelet'))
    two!.makeFolder(join(top, 'var/lib/filled'))
    writeFileSync(join(top, 'var/lib/filled/by-somebody'), '')
    one!.leave('skiff0', (tenant) => tenant === 'skiff1')
    assert.deepEqual([sysctl(), existsSync(join(top, 'var/lib/kubelet'))], ['1', true])
    two!.leave('skiff1', () => false)
    assert.equal(sysctl(), '0')
    assert.deepEqual(readdirSync(join(top, 'var/lib')), ['filled'])
    assert.ok(!existsSync(join(top, 'run')))
  } finally {
    rmSync(top, { recursive: true })
  }
})

test('a cluster that died without leaving does not hold the others up', () => {
  const top = mkdtempSync(join(tmpdir(), 'skiff-ledger-'))
  try {
    const ledger = createHostLedger({ folder: join(top, 'run') })
    ledger.enter('dead', '/data/dead', () => true)
    ledger.enter('skiff0', '/data/skiff0', () => true)
    ledger.makeFolder(join(top, 'made'))
    ledger.leave('skiff0', (tenant) => tenant !== 'dead')
    assert.deepEqual(readdirSync(top), [])
  } finally {
    rmSync(top, { recursive: true })
  }
})

test('a name has one owner, until that one is gone', () => {
  const top = mkdtempSync(join(tmpdir(), 'skiff-ledger-'))
  try {
    const [one, two] = [0, 1].map(() => createHostLedger({ folder: join(top, 'run') }))
    assert.ok(one!.enter('skiff0', '/data/a', () => true))
    assert.ok(one!.enter('skiff0', '/data/a', () => true))
    assert.ok(!two!.enter('skiff0', '/data/b', (owner) => owner === '/data/a'))
    assert.equal(two!.ownerOf('skiff0'), '/data/a')
    assert.ok(two!.enter('skiff0', '/data/b', () => false))
    assert.equal(one!.ownerOf('skiff0'), '/data/b')
    two!.leave('skiff0', () => false)
    assert.equal(one!.ownerOf('skiff0'), undefined)
  } finally {
    rmSync(top, { recursive: true })
  }
})

test('a host that forwards only what it knows is told apart', () => {
  assert.ok(!isRestrictive('-P FORWARD ACCEPT\n-A FORWARD -j DOCKER-USER\n'))
  assert.ok(isRestrictive('-P FORWARD DROP\n'))
  assert.ok(isRestrictive('-P FORWARD ACCEPT\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n'))
})
