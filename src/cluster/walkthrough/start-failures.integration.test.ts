import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { freePort } from '../../machinery/free-port.ts'
import { bridgeOf, leftOnHost } from './left-on-host.fixture.ts'

/**
 * A start that fails, at each of its steps, says why and what to do in one sentence, and leaves nothing on the host. So does
 * one that is interrupted. On real parts, each broken as it breaks for users.
 */
const possible = process.platform === 'linux' && process.getuid?.() === 0
if (!possible && process.env['CI'] === 'true') throw new Error('CI must be able to run real containers')
const options = possible ? {} : { skip: 'real nodes need root on Linux' }

const root = join(import.meta.dirname, '../../..')
const port = await freePort()
let top: string
let count = 0
let dataDir: string
let kubeconfig: string

before(() => {
  top = mkdtempSync(join(tmpdir(), 'skiff-failures-'))
  // The first use of a fresh clone installs the dependencies, which is not what is tested here.
  spawnSync(join(root, 'skiff'), ['version'])
})
beforeEach(() => {
  const home = join(top, `home${++count}`)
  dataDir = join(home, 'data')
  kubeconfig = join(home, '.kube/config')
  mkdirSync(join(home, '.kube'), { recursive: true })
})
after(() => {
  rmSync(top, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Launch {
  /** Words before `skiff`, such as those of setpriv. */
  readonly through?: readonly string[]
  /** Files to be found before those of PATH. */
  readonly programs?: Readonly<Record<string, string>>
  /** Interrupts once this was printed. */
  readonly interruptAt?: string
}

/** Runs `skiff …` to its end; a program that is given stands in for the system's. */
function skiff(args: readonly string[], { through = [], programs = {}, interruptAt }: Launch = {}): Promise<Outcome> {
  const bin = mkdtempSync(join(top, 'bin-'))
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 })
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: join(dataDir, '..'),
    KUBECONFIG: kubeconfig,
    SKIFF_DATA_DIR: dataDir,
  }
  const [command = '', ...words] = [...through, join(root, 'skiff'), ...args]
  const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 })
  const said = { stdout: '', stderr: '' }
  let interrupted = false
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      if (interruptAt === undefined || interrupted || !said.stdout.includes(interruptAt)) return
      interrupted = true
      child.kill('SIGINT')
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
}

const up = (...more: string[]) => ['up', '--port', String(port), ...more]
const nothingLeft = (bridge = bridgeOf(dataDir)) => assert.deepEqual(leftOnHost(dataDir, bridge), [])

function assertRefused({ code, stdout, stderr }: Outcome, sentence: RegExp): void {
  assert.equal(code, 1, `${stdout}\n${stderr}`)
  assert.match(stderr, /^skiff: [^\n]*\n$/, 'one sentence')
  assert.match(stderr, sentence)
  nothingLeft()
}

const brokenNft = '#!/bin/sh\necho "netlink: Error: cache initialization failed: Operation not supported" >&2\nexit 1\n'
const brokenContainerd = `#!/bin/sh
if [ "$1" = --version ]; then echo "containerd github.com/containerd/containerd v2.1.0 x"; exit; fi
echo 'time="x" level=fatal msg="failed to load plugin" error="no such device"' >&2
exit 1
`

test('a port that is in use', options, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port: taken } = server.address() as AddressInfo
  const outcome = await skiff(['up', '--port', String(taken)])
  server.close()
  assertRefused(
    outcome,
    new RegExp(`: port ${taken} on 127.0.0.1 is in use: end what listens there, or choose another with --port$`, 'm'),
  )
  assert.match(outcome.stdout, /Nothing was started\.\n$/)
  assert.ok(!existsSync(dataDir))
})

test('a disk without room', options, async () => {
  mkdirSync(dataDir, { recursive: true })
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dataDir])
  try {
    const outcome = await skiff(up())
    assert.match(
      outcome.stderr,
      /^skiff: the disk of .* has 6\d MiB free, a cluster needs 300: make room, or choose another folder with --data-dir\n$/,
    )
  } finally {
    spawnSync('umount', [dataDir])
  }
  nothingLeft()
})

test('a folder in which nodes cannot lie', options, async () => {
  dataDir = `/run/skiff-test-${process.pid}`
  const outcome = await skiff(up())
  rmSync(dataDir, { recursive: true, force: true })
  assertRefused(outcome, /a node's data cannot lie in \/run\/.*: choose another data folder$/m)
})

test('a kernel without nf_tables', options, async () => {
  const outcome = await skiff(up(), { programs: { nft: brokenNft } })
  assertRefused(
    outcome,
    /: the kernel has no nf_tables: load it \(modprobe nf_tables\), or .*: skiff up --runtime simulated$/m,
  )
})

test('a host without control groups', options, async () => {
  const script = `awk '$5 ~ "^/sys/fs/cgroup" {print $5}' /proc/self/mountinfo | sort -r | while read -r at; do umount -l "$at"; done; exec "$@"`
  const outcome = await skiff(up(), { through: ['unshare', '--mount', 'sh', '-c', script, 'sh'] })
  assertRefused(
    outcome,
    /: no control groups are mounted: mount them \(mount -t cgroup2 none \/sys\/fs\/cgroup\), then try again; without containers: skiff up --runtime simulated$/m,
  )
})

test(
  'a root without its powers gets simulated pods, plainly said, and an error when it asks for real ones',
  options,
  async () => {
    const through = ['setpriv', '--bounding-set', '-sys_admin,-net_admin', '--inh-caps', '-sys_admin,-net_admin']
    assertRefused(
      await skiff(up('--runtime', 'containerd'), { through }),
      /: real containers are not possible: this root lacks CAP_NET_ADMIN, CAP_SYS_ADMIN; run skiff up on the host itself, or in a container with --privileged$/m,
    )
    const outcome = await skiff(up(), { through, interruptAt: 'Ctrl-C ends it' })
    assert.match(
      outcome.stdout,
      /^ {2}Pods are only simulated: this root lacks CAP_NET_ADMIN, CAP_SYS_ADMIN; for real containers run /m,
    )
    assert.deepEqual([outcome.code, outcome.stderr], [0, ''])
  },
)

test('somebody who is not root gets simulated pods, plainly said', options, async () => {
  spawnSync('chmod', ['-R', 'a+rwX', top])
  const through = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
  const reachable = spawnSync('setpriv', [...through.slice(1), 'test', '-r', join(root, 'skiff')]).status === 0
  // A clone below /root is nobody's to read: then the words are those of preflight.test.ts alone.
  if (!reachable) return
  const outcome = await skiff(up(), { through, interruptAt: 'Ctrl-C ends it' })
  assert.match(
    outcome.stdout,
    /^ {2}Pods are only simulated: this is not root; for real containers run skiff up as root \(sudo\)\.$/m,
  )
  assert.deepEqual([outcome.code, outcome.stderr], [0, ''])
})

test('a store that is damaged, or out of reach', options, async () => {
  mkdirSync(join(dataDir, 'store'), { recursive: true })
  writeFileSync(join(dataDir, 'store/store.db'), 'no database'.repeat(1000))
  assertRefused(
    await skiff(up()),
    /: the store in .* is damaged \(.*\): restore the folder from a backup, or move it away/,
  )
  rmSync(dataDir, { recursive: true })
  assertRefused(
    await skiff(up('--store', 'etcd=http://127.0.0.1:1')),
    /: etcd at http:\/\/127\.0\.0\.1:1 does not answer \([^,]*\): check that it runs and that the network reaches it$/m,
  )
})

test('a containerd that is not there, or ends at once', options, async () => {
  assertRefused(
    await skiff(up('--containerd', '/nowhere/containerd')),
    /: \/nowhere\/containerd is not there: --containerd names the program containerd$/m,
  )
  const containerd = join(dataDir, '../containerd')
  writeFileSync(containerd, brokenContainerd, { mode: 0o755 })
  const outcome = await skiff(up('--containerd', containerd, '--nodes', '2'))
  assertRefused(
    outcome,
    /: containerd.* ended at once: failed to load plugin error="no such device" \(.*\/containerd\.log\)$/m,
  )
  assert.match(outcome.stdout, /Nothing of the failed start is left but its data and logs\.\n$/)
  // In the background the same sentence comes out.
  assertRefused(
    await skiff(up('--containerd', containerd, '--detach')),
    /: the cluster did not start: containerd.* ended at once: failed to load plugin error="no such device"/,
  )
})

for (const interruptAt of ['✓ network', '✓ API server', '✓ controllers', '✓ 2 nodes started', '✓ nodes ready']) {
  test(`Ctrl-C after ${interruptAt}`, options, async () => {
    const { code, stderr } = await skiff(up('--nodes', '2'), { interruptAt })
    // The last step may be over before the signal comes.
    if (code !== 0 || interruptAt !== '✓ nodes ready')
      assert.deepEqual([code, stderr], [130, 'skiff: interrupted before the cluster was ready\n'])
    nothingLeft()
  })
}

test('Ctrl-C while a start in the background is awaited', options, async () => {
  const { code, stderr } = await skiff(up('--detach'), { interruptAt: '✓ API server' })
  assert.deepEqual(
    [code, stderr],
    [130, 'skiff: the cluster did not start: interrupted before the cluster was ready\n'],
  )
  nothingLeft()
})

test('a broken kubeconfig is left as it is, and said so; the cluster starts and ends', options, async () => {
  for (const text of ['clusters: [', 'clusters: {a: b}\n', '- a list\n']) {
    writeFileSync(kubeconfig, text)
    const { code, stdout } = await skiff(up('--runtime', 'simulated'), { interruptAt: 'Ctrl-C ends it' })
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^ {2}.*\/\.kube\/config is no .*; it was left as it is: mend it, or use export KUBECONFIG=.*\/data\/kubeconfig$/m,
    )
    assert.equal(readFileSync(kubeconfig, 'utf8'), text)
  }
})

test('a network that another cluster took meanwhile is left alone, and its owner named', options, async () => {
  const first = dataDir
  assert.equal((await skiff(up('--detach'))).code, 0)
  const bridge = bridgeOf(first)
  assert.equal((await skiff(['down'])).code, 0)
  const second = join(first, '../second')
  try {
    const taken = await skiff(['up', '--detach', '--port', String(await freePort()), '--data-dir', second])
    assert.equal(taken.code, 0, taken.stderr)
    assert.equal(bridgeOf(second), bridge)
    const outcome = await skiff(['up'])
    assert.equal(
      outcome.stderr,
      `skiff: this cluster's network ${bridge} is in use by the cluster in ${second}: end that one first (skiff down --data-dir ${second})\n`,
    )
    assert.equal((await skiff(['reset'])).code, 0)
    const status = await skiff(['status', '--data-dir', second])
    assert.deepEqual([status.code, /^cluster +ready/.test(status.stdout)], [0, true])
  } finally {
    await skiff(['reset', '--data-dir', second])
  }
  assert.deepEqual([leftOnHost(second, bridge), existsSync(first), existsSync(second)], [[], false, false])
})

test(
  'packages that Debian has are installed, after saying so; where that fails pods are simulated',
  options,
  async (t) => {
    if (!/debian|ubuntu/.test(readFileSync('/etc/os-release', 'utf8')))
      return t.skip('this is neither Debian nor Ubuntu')
    const folders = '/usr/lib/cni /opt/cni/bin /usr/libexec/cni'
    const hide = `for at in ${folders}; do if [ -d $at ]; then mount -t tmpfs tmpfs $at; fi; done; exec "$@"`
    const through = ['unshare', '--mount', 'sh', '-c', hide, 'sh']
    const log = join(top, 'apt.log')
    const aptGet = (install: string) => `#!/bin/sh
echo "$@" >>${log}
[ "$1" = install ] || exit 0
${install}
`
    const works = aptGet(`for at in ${folders}; do if [ -d $at ]; then umount $at; fi; done`)
    const outcome = await skiff(up(), { through, programs: { 'apt-get': works }, interruptAt: 'Ctrl-C ends it' })
    assert.match(
      outcome.stdout,
      /^ {2}Installing packages that real nodes need: containernetworking-plugins\n {2}✓ packages installed \(.*\n {2}✓ network/,
    )
    assert.deepEqual([outcome.code, outcome.stderr], [0, ''])
    const install = 'install --yes --quiet --no-install-recommends containernetworking-plugins'
    assert.equal(readFileSync(log, 'utf8'), `${install}\n`)
    nothingLeft()

    dataDir = join(dataDir, '../other')
    const fails = aptGet('echo "E: Unable to locate package" >&2; exit 100')
    const simulated = await skiff(up(), { through, programs: { 'apt-get': fails }, interruptAt: 'Ctrl-C ends it' })
    assert.match(
      simulated.stdout,
      /^ {2}Pods are only simulated: apt-get could not install containernetworking-plugins \(.*\); for real containers install them by hand\.$/m,
    )
    assert.equal(readFileSync(log, 'utf8'), `${install}\n${install}\nupdate --quiet\n${install}\n`)
  },
)
