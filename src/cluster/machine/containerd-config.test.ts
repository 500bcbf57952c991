import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingCapabilities } from './capabilities.ts'
import { containerdConfig, formatToml, parseContainerdVersion, registryHosts } from './containerd-config.ts'

const settings = {
  major: 2,
  sandboxImage: 'registry.k8s.io/pause:3.10.2',
  cniBinFolders: ['/usr/lib/cni'],
  registryFolder: '/data/node1/certs.d',
  restrictOomScore: true,
  snapshotter: 'overlayfs',
  runtimeHandlers: ['test-handler'],
}

test('versions are read as Debian and upstream print them', () => {
  assert.deepEqual(
    parseContainerdVersion('containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3'),
    {
      major: 1,
      minor: 6,
    },
  )
  assert.deepEqual(parseContainerdVersion('containerd github.com/containerd/containerd/v2 v2.3.7 '), {
    major: 2,
    minor: 3,
  })
  assert.equal(parseContainerdVersion('something else'), undefined)
})

test('containerd 2 gets a file of version 3, containerd 1 one of version 2', () => {
  const three = containerdConfig(settings)
  assert.match(three, /^version = 3\n/)
  assert.match(
    three,
    /\[plugins\."io\.containerd\.cri\.v1\.images"\.pinned_images\]\nsandbox = "registry.k8s.io\/pause:3.10.2"/,
  )
  assert.match(three, /bin_dirs = \["\/usr\/lib\/cni"\]/)
  assert.match(three, /runtimes\.test-handler\]\nruntime_type = "io.containerd.runc.v2"/)
  const two = containerdConfig({ ...settings, major: 1 })
  assert.match(two, /^version = 2\n/)
  assert.match(two, /\[plugins\."io\.containerd\.grpc\.v1\.cri"\]\nrestrict_oom_score_adj = true/)
  assert.match(two, /bin_dir = "\/usr\/lib\/cni"/)
})

test('a table without members of its own has no header, and odd keys are quoted', () => {
  assert.equal(formatToml({ a: { 'b.c': { d: 'x"y', e: [], f: 1 } } }), '[a."b.c"]\nd = "x\\"y"\ne = []\nf = 1\n')
  assert.equal(
    registryHosts('http://10.89.0.1:5000'),
    '[host."http://10.89.0.1:5000"]\ncapabilities = ["pull","resolve"]\n',
  )
})

test('a missing capability is seen', () => {
  assert.deepEqual(missingCapabilities(['CAP_SYS_RESOURCE'], 'CapEff:\t000001fffeffffff\n'), ['CAP_SYS_RESOURCE'])
  assert.deepEqual(missingCapabilities(['CAP_SYS_RESOURCE'], 'CapEff:\t000001ffffffffff\n'), [])
})
