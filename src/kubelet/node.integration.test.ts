import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { leases } from '../api/coordination/v1/lease.ts'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { testImages } from './testing/containerd.ts'
import { insideNamespaces } from './testing/inside-namespaces.ts'
import { NodeUnderTest, app, main, phase, pod, ready } from './testing/node-under-test.ts'

if (insideNamespaces(import.meta.url)) {
  const node = new NodeUnderTest()

  test('a container runs with the rights it is given and no more', async () => {
    await node.create(
      pod('rights', '', {
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 2000,
          supplementalGroups: [3000],
          sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
        },
        containers: [
          app(
            'id -u; id -g; id -G; touch /x 2>&1; grep NoNewPrivs /proc/self/status; grep CapBnd /proc/self/status; cat /proc/sys/kernel/shm_rmid_forced',
            {
              securityContext: {
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: ['CHOWN'] },
              },
            },
          ),
        ],
      }),
    )
    assert.deepEqual(node.log(await node.until('rights', phase('Succeeded'))), [
      '1000',
      '2000',
      '2000 3000',
      'touch: /x: Read-only file system',
      'NoNewPrivs:\t1',
      'CapBnd:\t0000000000000001',
      '1',
    ])
    await node.create(pod('root', '', { securityContext: { runAsNonRoot: true }, containers: [app('true')] }))
    const refused = await node.until('root', (now) => main(now).state?.waiting?.reason === 'CreateContainerConfigError')
    assert.match(
      main(refused).state!.waiting!.message!,
      /^container has runAsNonRoot and image will run as root \(pod: "root_default/,
    )
  })

  test('a pod has user ids of its own, or none at all where the runtime cannot do that', async () => {
    const volume = { name: 'data', emptyDir: {} }
    const container = app('cat /proc/self/uid_map; touch /data/x; stat -c %u /data/x', {
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    })
    await node.create(pod('own-users', '', { hostUsers: false, volumes: [volume], containers: [container] }))
    const able = node.client.objects(nodes)[0]!.status.runtimeHandlers?.find(({ name }) => name === '')?.features
    if (able?.userNamespaces === true) {
      const [map, owner] = node.log(await node.until('own-users', phase('Succeeded')))
      assert.match(map!.trim(), /^0 +65536 +65536$/)
      assert.equal(owner, '0')
      return
    }
    const text =
      "own-users FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces"
    await node.until('own-users', () => node.messages().includes(text))
    await node.remove('own-users')
  })

  test('a pod gets a control group with its limits, and it goes with the pod', async () => {
    const resources = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } }
    await node.create(pod('limited', '', { containers: [app('sleep 1000', { resources })] }))
    const { metadata, status } = await node.until('limited', ready)
    const group = `${node.containerd.cgroupRoot}/kubepods/burstable/pod${metadata.uid}`
    const v1 = existsSync('/sys/fs/cgroup/memory')
    const file = v1 ? `/sys/fs/cgroup/memory${group}/memory.limit_in_bytes` : `/sys/fs/cgroup${group}/memory.max`
    assert.equal(readFileSync(file, 'utf8').trim(), String(64 * 2 ** 20))
    if (v1) assert.equal(readFileSync(`/sys/fs/cgroup/cpu${group}/cpu.cfs_quota_us`, 'utf8').trim(), '20000')
    assert.deepEqual(status.containerStatuses![0]!.resources, resources)
    assert.equal(status.qosClass, 'Burstable')
    await node.remove('limited')
    assert.equal(existsSync(file), false)
  })

  test('a kubelet that comes back adopts what runs, and ends what was deleted meanwhile', async () => {
    await node.create(pod('stays', 'sleep 1000', { restartPolicy: 'Always' }))
    await node.create(pod('goes', 'sleep 1000', { restartPolicy: 'Always' }))
    const before = main(await node.until('stays', ready))
    const { metadata } = await node.until('goes', ready)
    await node.stopKubelet()
    await node.client.delete(pods, { namespace: 'default', name: 'goes' }, { gracePeriodSeconds: 0 })
    await node.startKubelet()
    await sleep(systemClock, 1500)
    const now = main(await node.until('stays', ready))
    assert.deepEqual([now.containerID, now.restartCount, now.state], [before.containerID, 0, before.state])
    for (let attempt = 0; ; attempt++) {
      const left = await node.containerd.runtime.listPodSandboxes({
        labels: { 'io.kubernetes.pod.uid': metadata.uid! },
      })
      if (left.length === 0) break
      assert.ok(attempt < 100, 'the sandbox of the deleted pod is still there')
      await sleep(systemClock, 100)
    }
  })

  test('a manifest in a folder is a pod, shown in the API, and follows its file', async () => {
    const manifest = (script: string) => `
apiVersion: v1
kind: Pod
metadata: {name: own}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${testImages.busybox}
    imagePullPolicy: Never
    command: [sh, -c, "${script}"]
`
    const file = join(node.folder, 'manifests/own.yaml')
    writeFileSync(file, manifest('echo one; sleep 1000'))
    const first = await node.until('own-node', ready)
    assert.equal(first.metadata.annotations!['kubernetes.io/config.source'], 'file')
    assert.equal(
      first.metadata.annotations!['kubernetes.io/config.mirror'],
      first.metadata.annotations!['kubernetes.io/config.hash'],
    )
    assert.equal(first.metadata.ownerReferences![0]!.kind, 'Node')
    await node.client.delete(pods, { namespace: 'default', name: 'own-node' }, { gracePeriodSeconds: 0 })
    const again = await node.until('own-node', (now) => now.metadata.uid !== first.metadata.uid && ready(now))
    assert.equal(main(again).containerID, main(first).containerID)
    writeFileSync(file, manifest('echo two; sleep 1000'))
    const second = await node.until(
      'own-node',
      (now) => ready(now) && main(now).containerID !== main(first).containerID,
    )
    assert.notEqual(
      second.metadata.annotations!['kubernetes.io/config.hash'],
      first.metadata.annotations!['kubernetes.io/config.hash'],
    )
    rmSync(file)
    for (let attempt = 0; node.client.objects(pods).some(({ metadata }) => metadata.name === 'own-node'); attempt++) {
      assert.ok(attempt < 100, 'the mirror is still there')
      await sleep(systemClock, 100)
    }
  })

  test('resources of a running pod change in its control groups', async () => {
    const resources = (cpu: string) => ({ requests: { cpu, memory: '32Mi' }, limits: { cpu, memory: '32Mi' } })
    await node.create(pod('grows', '', { containers: [app('sleep 1000', { resources: resources('100m') })] }))
    const before = await node.until('grows', ready)
    const spec = { containers: [{ name: 'main', resources: resources('300m') }] }
    await node.client.patch(
      pods,
      { namespace: 'default', name: 'grows' },
      'strategic',
      { spec },
      { subresource: 'resize' },
    )
    const after = await node.until('grows', (now) => main(now).resources?.limits?.['cpu'] === '300m')
    assert.equal(main(after).containerID, main(before).containerID)
    if (existsSync('/sys/fs/cgroup/cpu')) {
      const group = `/sys/fs/cgroup/cpu${node.containerd.cgroupRoot}/kubepods/pod${before.metadata.uid}`
      const quota = (folder: string) => readFileSync(`${folder}/cpu.cfs_quota_us`, 'utf8').trim()
      assert.equal(quota(group), '30000')
      assert.equal(quota(`${group}/${main(after).containerID!.slice('containerd://'.length)}`), '30000')
    }
    await node.remove('grows')
  })

  test('the node is registered, ready, and holds a lease', async () => {
    const [object] = node.client.objects(nodes)
    assert.deepEqual(
      object!.status.conditions!.map(({ type, status, reason }) => [type, status, reason]),
      [
        ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
        ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
        ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
        ['Ready', 'True', 'KubeletReady'],
      ],
    )
    assert.equal(node.client.objects(leases)[0]!.spec.holderIdentity, 'node')
  })
}
