import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { leases } from '../api/coordination/v1/lease.ts'
import { configMaps } from '../api/core/v1/config-map.ts'
import { events as eventKind } from '../api/core/v1/event.ts'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { secrets } from '../api/core/v1/secret.ts'
import type { Pod } from '../api/types.generated.ts'
import { type FakeClient, fakeClient } from '../client/fake/fake-client.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { createLogger } from '../machinery/log.ts'
import { systemRandom } from '../machinery/random.ts'
import { createKubelet, type Kubelet } from './kubelet.ts'
import { containerdFolders, startContainerd, type TestContainerd, testImages } from './testing/containerd.ts'
import { insideNamespaces } from './testing/inside-namespaces.ts'

if (insideNamespaces(import.meta.url)) {
  let containerd: TestContainerd
  let client: FakeClient
  let kubelet: Kubelet

  before(async () => {
    containerd = await startContainerd(containerdFolders()[0]!)
    client = fakeClient()
    kubelet = newKubelet()
    await kubelet.start()
  })
  after(async () => {
    await kubelet.stop()
    await containerd.stop()
  })

  const newKubelet = () =>
    createKubelet({
      nodeName: 'node',
      client,
      runtime: containerd.runtime,
      clock: systemClock,
      random: systemRandom,
      log: createLogger({ level: 'info', write: (line) => process.stderr.write(line), now: () => systemClock.now() }),
      paths: {
        rootDir: join(containerd.folder, 'kubelet'),
        podLogsDir: join(containerd.folder, 'logs/pods'),
        containerLogsDir: join(containerd.folder, 'logs/containers'),
        staticPodsDir: join(containerd.folder, 'manifests'),
      },
      nodeIPs: ['10.85.1.1'],
      clusterDNS: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      cgroupRoot: containerd.cgroupRoot,
    })

  const pod = (name: string, script: string, spec: object = {}): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: 'node',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 2,
      dnsPolicy: 'ClusterFirst',
      containers: [
        {
          name: 'main',
          image: testImages.busybox,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', script],
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
        },
      ],
      ...spec,
    },
    status: { phase: 'Pending' },
  })
  const until = async (name: string, done: (pod: Pod) => boolean): Promise<Pod> => {
    let last: Pod | undefined
    for (let attempt = 0; attempt < 200; attempt++) {
      last = client.objects(pods).find(({ metadata }) => metadata.name === name)
      if (last !== undefined && done(last)) return last
      await sleep(systemClock, 100)
    }
    throw new Error(`${name} never got there: ${JSON.stringify(last?.status, undefined, 1)}`)
  }

  const app = (script: string, more: object = {}) => ({
    name: 'main',
    image: testImages.busybox,
    imagePullPolicy: 'IfNotPresent' as const,
    command: ['sh', '-c', script],
    resources: {},
    ...more,
  })
  const phase = (wanted: string) => (pod: Pod) => pod.status.phase === wanted
  const ready = (pod: Pod) =>
    pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  const main = (pod: Pod) =>
    pod.status.containerStatuses?.[0] ?? { name: '', ready: false, restartCount: 0, image: '', imageID: '' }
  const logOf = ({ metadata }: Pod, container = 'main', run = 0) =>
    readFileSync(
      join(containerd.folder, `logs/pods/default_${metadata.name}_${metadata.uid}/${container}/${run}.log`),
      'utf8',
    )
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ').slice(3).join(' '))
  const messages = () =>
    client.objects(eventKind).map((event) => `${event.involvedObject.name} ${event.reason}: ${event.message}`)
  const remove = async (name: string, gracePeriodSeconds = 1) => {
    await client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds })
    for (let attempt = 0; attempt < 100; attempt++) {
      if (!client.objects(pods).some(({ metadata }) => metadata.name === name)) return
      await sleep(systemClock, 100)
    }
    throw new Error(`${name} is still there`)
  }

  test('a pod runs to its end: phase, exit code, last words and log are told', async () => {
    await client.create(pods, pod('short', 'echo hello; echo bye >/dev/termination-log; exit 3'))
    const done = await until('short', phase('Failed'))
    const ended = main(done).state!.terminated!
    assert.equal(ended.exitCode, 3)
    assert.equal(ended.reason, 'Error')
    assert.equal(ended.message, 'bye\n')
    assert.deepEqual(logOf(done), ['hello'])
  })

  test('init containers run one after the other, a sidecar stays, then the app runs and all of it succeeds', async () => {
    await client.create(
      pods,
      pod('ordered', '', {
        volumes: [{ name: 'work', emptyDir: {} }],
        initContainers: [
          app('echo one >>/work/order', { name: 'one', volumeMounts: [{ name: 'work', mountPath: '/work' }] }),
          app('echo side >>/work/order; sleep 1000', {
            name: 'side',
            restartPolicy: 'Always',
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
          }),
          app('sleep 0.5; echo two >>/work/order', {
            name: 'two',
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
          }),
        ],
        containers: [app('cat /work/order', { volumeMounts: [{ name: 'work', mountPath: '/work' }] })],
      }),
    )
    const done = await until('ordered', phase('Succeeded'))
    assert.deepEqual(logOf(done), ['one', 'side', 'two'])
    assert.deepEqual(
      done.status.initContainerStatuses!.map(({ name, ready: is }) => [name, is]),
      [
        ['one', true],
        ['side', false],
        ['two', true],
      ],
    )
  })

  test('a crashing container is started again, waits longer each time, and its restarts are counted', async () => {
    await client.create(pods, pod('crash', 'exit 1', { restartPolicy: 'Always' }))
    const waiting = await until('crash', (now) => main(now).state?.waiting?.reason === 'CrashLoopBackOff')
    assert.equal(waiting.status.phase, 'Running')
    const { uid } = waiting.metadata
    assert.equal(
      main(waiting).state!.waiting!.message,
      `back-off 10s restarting failed container=main pod=crash_default(${uid})`,
    )
    assert.equal(main(waiting).restartCount, 1)
    assert.equal(main(waiting).lastState!.terminated!.exitCode, 1)
    await remove('crash')
  })

  test('what a container is told: variables, hosts, resolver, hostname', async () => {
    await client.create(
      pods,
      pod('told', '', {
        hostname: 'me',
        subdomain: 'sub',
        hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }],
        containers: [
          app('echo "$GREETING $POD $IP $LIMIT $MISSING"; hostname; cat /etc/hosts /etc/resolv.conf', {
            env: [
              { name: 'NAME', value: 'world' },
              { name: 'GREETING', value: 'hello $(NAME) $$(NAME) $(NOBODY)' },
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
              { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
            ],
            resources: { limits: { memory: '64Mi' } },
          }),
        ],
      }),
    )
    const done = await until('told', phase('Succeeded'))
    const ip = done.status.podIP!
    assert.deepEqual(logOf(done), [
      `hello world $(NAME) $(NOBODY) told ${ip} 64 `,
      'me',
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      `${ip}\tme.sub.default.svc.cluster.local\tme`,
      '',
      '# Entries added by HostAliases.',
      '1.2.3.4\ta\tb',
      'search default.svc.cluster.local svc.cluster.local cluster.local',
      'nameserver 10.96.0.10',
      'options ndots:5',
    ])
  })

  test('ConfigMaps and Secrets are variables and files, and files follow a change', async () => {
    const meta = (name: string) => ({ name, namespace: 'default' })
    await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('conf'),
      data: { a: '1', b: '2' },
    })
    const data = { pass: Buffer.from('geheim').toString('base64') }
    await client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: meta('sec'), data })
    await client.create(
      pods,
      pod('files', '', {
        securityContext: { fsGroup: 4242 },
        volumes: [
          { name: 'conf', configMap: { name: 'conf', defaultMode: 0o640, items: [{ key: 'a', path: 'deep/a' }] } },
          {
            name: 'all',
            projected: {
              defaultMode: 0o644,
              sources: [
                { configMap: { name: 'conf' } },
                { secret: { name: 'sec', items: [{ key: 'pass', path: 'pass' }] } },
                { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
              ],
            },
          },
        ],
        containers: [
          app(
            'echo $FROM_a $PASS; id -G; stat -L -c "%a %g" /conf/deep/a; ls /all; cat /all/pass; echo; until [ "$(cat /conf/deep/a)" = new ]; do sleep 0.1; done; echo changed',
            {
              envFrom: [{ prefix: 'FROM_', configMapRef: { name: 'conf' } }],
              env: [{ name: 'PASS', valueFrom: { secretKeyRef: { name: 'sec', key: 'pass' } } }],
              volumeMounts: [
                { name: 'conf', mountPath: '/conf' },
                { name: 'all', mountPath: '/all', readOnly: true },
              ],
            },
          ),
        ],
      }),
    )
    const { metadata } = await until('files', phase('Running'))
    const mounted = () => readFileSync('/proc/mounts', 'utf8').includes(`${metadata.uid}/volumes`)
    assert.equal(mounted(), true)
    await client.patch(configMaps, meta('conf'), 'merge', { data: { a: 'new' } })
    const done = await until('files', phase('Succeeded'))
    assert.deepEqual(logOf(done), ['1 geheim', '0 4242', '640 4242', 'a', 'b', 'labels', 'pass', 'geheim', 'changed'])
    assert.equal(mounted(), false)
  })

  test('a missing ConfigMap is told, and the pod starts once it is there', async () => {
    await client.create(
      pods,
      pod('late', '', {
        volumes: [{ name: 'conf', configMap: { name: 'later', defaultMode: 0o644 } }],
        containers: [app('cat /conf/a', { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] })],
      }),
    )
    await until('late', () =>
      messages().some(
        (text) => text === 'late FailedMount: MountVolume.SetUp failed for volume "conf" : configmap "later" not found',
      ),
    )
    await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'later', namespace: 'default' },
      data: { a: 'x' },
    })
    assert.deepEqual(logOf(await until('late', phase('Succeeded'))), ['x'])
  })

  test('probes: not ready until it says so, killed when it is not alive, with the events of upstream', async () => {
    await client.create(
      pods,
      pod('probed', '', {
        restartPolicy: 'Always',
        containers: [
          app('touch /alive; sleep 1; touch /ready; sleep 2; rm /alive; sleep 1000', {
            livenessProbe: {
              exec: { command: ['test', '-e', '/alive'] },
              periodSeconds: 1,
              failureThreshold: 1,
              timeoutSeconds: 1,
              successThreshold: 1,
            },
            readinessProbe: {
              exec: { command: ['test', '-e', '/ready'] },
              periodSeconds: 1,
              failureThreshold: 3,
              timeoutSeconds: 1,
              successThreshold: 1,
            },
          }),
        ],
      }),
    )
    const running = await until('probed', phase('Running'))
    assert.equal(ready(running), false)
    assert.deepEqual(
      running.status.conditions!.find(({ type }) => type === 'Ready')!.message,
      'containers with unready status: [main]',
    )
    await until('probed', ready)
    const again = await until('probed', (now) => main(now).restartCount === 1 && main(now).state?.running !== undefined)
    assert.equal(main(again).lastState!.terminated!.exitCode, 137)
    assert.ok(messages().includes('probed Unhealthy: Liveness probe failed: '))
    assert.ok(messages().includes('probed Killing: Container main failed liveness probe, will be restarted'))
    await remove('probed')
  })

  test('probes over http and tcp reach the pod', async () => {
    await client.create(
      pods,
      pod('served', '', {
        containers: [
          app('mkdir /www; echo ok >/www/ok; exec httpd -f -p 8080 -h /www', {
            ports: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }],
            startupProbe: { tcpSocket: { port: 'web' }, periodSeconds: 1, failureThreshold: 30 },
            readinessProbe: { httpGet: { path: '/ok', port: 8080, scheme: 'HTTP' }, periodSeconds: 1 },
          }),
        ],
      }),
    )
    await until('served', ready)
    await remove('served')
  })

  test('hooks run: postStart before anything counts as running, preStop before the signal', async () => {
    await client.create(
      pods,
      pod('hooked', '', {
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: 'work', hostPath: { path: join(containerd.folder, 'hooked'), type: 'DirectoryOrCreate' } }],
        containers: [
          app('trap "echo term >>/work/log; exit 0" TERM; while :; do sleep 0.1; done', {
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
            lifecycle: {
              postStart: { exec: { command: ['sh', '-c', 'echo started >>/work/log'] } },
              preStop: { exec: { command: ['sh', '-c', 'sleep 0.3; echo stopping >>/work/log'] } },
            },
          }),
        ],
      }),
    )
    await until('hooked', ready)
    await remove('hooked', 10)
    assert.equal(readFileSync(join(containerd.folder, 'hooked/log'), 'utf8'), 'started\nstopping\nterm\n')
  })

  test('images that are not there: never pulled, not to be had, not a name', async () => {
    const image = (name: string, more: object) => pod(name, '', { containers: [app('true', more)] })
    await client.create(pods, image('never', { image: 'skiff.local/none:1', imagePullPolicy: 'Never' }))
    await client.create(pods, image('absent', { image: '127.0.0.1:1/none:1' }))
    await client.create(pods, image('wrong', { image: 'Not A Name' }))
    const waiting = async (name: string, reason: string) =>
      main(
        await until(
          name,
          (now) => now.status.containerStatuses !== undefined && main(now).state?.waiting?.reason === reason,
        ),
      ).state!.waiting!
    assert.equal(
      (await waiting('never', 'ErrImageNeverPull')).message,
      'Container image "skiff.local/none:1" is not present with pull policy of Never',
    )
    assert.match(
      (await waiting('absent', 'ErrImagePull')).message!,
      /^(rpc error: code = \w+ desc = )?failed to pull and unpack image|RegistryUnavailable/,
    )
    assert.match(
      (await waiting('absent', 'ImagePullBackOff')).message!,
      /^Back-off pulling image "127.0.0.1:1\/none:1": ErrImagePull: /,
    )
    assert.equal(
      (await waiting('wrong', 'InvalidImageName')).message,
      'Failed to apply default image tag "Not A Name": couldn\'t parse image name "Not A Name": invalid reference format',
    )
    for (const name of ['never', 'absent', 'wrong']) {
      await remove(name)
    }
  })

  test('a container runs with the rights it is given and no more', async () => {
    await client.create(
      pods,
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
    assert.deepEqual(logOf(await until('rights', phase('Succeeded'))), [
      '1000',
      '2000',
      '2000 3000',
      'touch: /x: Read-only file system',
      'NoNewPrivs:\t1',
      'CapBnd:\t0000000000000001',
      '1',
    ])
    await client.create(pods, pod('root', '', { securityContext: { runAsNonRoot: true }, containers: [app('true')] }))
    const refused = await until('root', (now) => main(now).state?.waiting?.reason === 'CreateContainerConfigError')
    assert.match(
      main(refused).state!.waiting!.message!,
      /^container has runAsNonRoot and image will run as root \(pod: "root_default/,
    )
  })

  test('a part of a volume is mounted, and never one outside of it', async () => {
    await client.create(
      pods,
      pod('parts', '', {
        volumes: [{ name: 'work', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
        initContainers: [
          app('mkdir /work/a; echo in >/work/a/file; ln -s /etc /work/out', {
            name: 'init',
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
          }),
        ],
        containers: [
          app(
            'cat /part/file /one; echo new >/made/x; cat /work/new/dir/x; df /work | tail -1 | tr -s " " | cut -d" " -f2',
            {
              env: [{ name: 'PART', value: 'a' }],
              volumeMounts: [
                { name: 'work', mountPath: '/work' },
                { name: 'work', mountPath: '/part', subPathExpr: '$(PART)' },
                { name: 'work', mountPath: '/one', subPath: 'a/file' },
                { name: 'work', mountPath: '/made', subPath: 'new/dir' },
              ],
            },
          ),
        ],
      }),
    )
    assert.deepEqual(logOf(await until('parts', phase('Succeeded'))), ['in', 'in', 'new', '1024'])
    await client.create(
      pods,
      pod('escape', '', {
        volumes: [{ name: 'work', emptyDir: {} }],
        initContainers: [
          app('ln -s /etc /work/out', { name: 'init', volumeMounts: [{ name: 'work', mountPath: '/work' }] }),
        ],
        containers: [app('cat /out/passwd', { volumeMounts: [{ name: 'work', mountPath: '/out', subPath: 'out' }] })],
      }),
    )
    const refused = await until('escape', (now) => main(now).state?.waiting?.reason === 'CreateContainerConfigError')
    assert.equal(
      main(refused).state!.waiting!.message,
      'failed to prepare subPath for volumeMount "work" of container "main"',
    )
  })

  test('a pod gets a control group with its limits, and it goes with the pod', async () => {
    const resources = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } }
    await client.create(pods, pod('limited', '', { containers: [app('sleep 1000', { resources })] }))
    const { metadata, status } = await until('limited', ready)
    const group = `${containerd.cgroupRoot}/kubepods/burstable/pod${metadata.uid}`
    const v1 = existsSync('/sys/fs/cgroup/memory')
    const file = v1 ? `/sys/fs/cgroup/memory${group}/memory.limit_in_bytes` : `/sys/fs/cgroup${group}/memory.max`
    assert.equal(readFileSync(file, 'utf8').trim(), String(64 * 2 ** 20))
    if (v1) assert.equal(readFileSync(`/sys/fs/cgroup/cpu${group}/cpu.cfs_quota_us`, 'utf8').trim(), '20000')
    assert.deepEqual(status.containerStatuses![0]!.resources, resources)
    assert.equal(status.qosClass, 'Burstable')
    await remove('limited')
    assert.equal(existsSync(file), false)
  })

  test('what comes too late ends: activeDeadlineSeconds', async () => {
    await client.create(pods, pod('deadline', 'sleep 1000', { activeDeadlineSeconds: 1 }))
    const { status } = await until('deadline', phase('Failed'))
    assert.equal(status.reason, 'DeadlineExceeded')
    assert.equal(status.message, 'Pod was active on the node longer than the specified deadline')
  })

  test('a kubelet that comes back adopts what runs, and ends what was deleted meanwhile', async () => {
    await client.create(pods, pod('stays', 'sleep 1000', { restartPolicy: 'Always' }))
    await client.create(pods, pod('goes', 'sleep 1000', { restartPolicy: 'Always' }))
    const before = main(await until('stays', ready))
    const { metadata } = await until('goes', ready)
    await kubelet.stop()
    await client.delete(pods, { namespace: 'default', name: 'goes' }, { gracePeriodSeconds: 0 })
    kubelet = newKubelet()
    await kubelet.start()
    await sleep(systemClock, 1500)
    const now = main(await until('stays', ready))
    assert.deepEqual([now.containerID, now.restartCount, now.state], [before.containerID, 0, before.state])
    for (let attempt = 0; ; attempt++) {
      const left = await containerd.runtime.listPodSandboxes({ labels: { 'io.kubernetes.pod.uid': metadata.uid! } })
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
    const file = join(containerd.folder, 'manifests/own.yaml')
    writeFileSync(file, manifest('echo one; sleep 1000'))
    const first = await until('own-node', ready)
    assert.equal(first.metadata.annotations!['kubernetes.io/config.source'], 'file')
    assert.equal(
      first.metadata.annotations!['kubernetes.io/config.mirror'],
      first.metadata.annotations!['kubernetes.io/config.hash'],
    )
    assert.equal(first.metadata.ownerReferences![0]!.kind, 'Node')
    await client.delete(pods, { namespace: 'default', name: 'own-node' }, { gracePeriodSeconds: 0 })
    const again = await until('own-node', (now) => now.metadata.uid !== first.metadata.uid && ready(now))
    assert.equal(main(again).containerID, main(first).containerID)
    writeFileSync(file, manifest('echo two; sleep 1000'))
    const second = await until('own-node', (now) => ready(now) && main(now).containerID !== main(first).containerID)
    assert.notEqual(
      second.metadata.annotations!['kubernetes.io/config.hash'],
      first.metadata.annotations!['kubernetes.io/config.hash'],
    )
    rmSync(file)
    for (let attempt = 0; client.objects(pods).some(({ metadata }) => metadata.name === 'own-node'); attempt++) {
      assert.ok(attempt < 100, 'the mirror is still there')
      await sleep(systemClock, 100)
    }
  })

  test('resources of a running pod change in its control groups', async () => {
    const resources = (cpu: string) => ({ requests: { cpu, memory: '32Mi' }, limits: { cpu, memory: '32Mi' } })
    await client.create(pods, pod('grows', '', { containers: [app('sleep 1000', { resources: resources('100m') })] }))
    const before = await until('grows', ready)
    const spec = { containers: [{ name: 'main', resources: resources('300m') }] }
    await client.patch(pods, { namespace: 'default', name: 'grows' }, 'strategic', { spec }, { subresource: 'resize' })
    const after = await until('grows', (now) => main(now).resources?.limits?.['cpu'] === '300m')
    assert.equal(main(after).containerID, main(before).containerID)
    if (existsSync('/sys/fs/cgroup/cpu')) {
      const group = `/sys/fs/cgroup/cpu${containerd.cgroupRoot}/kubepods/pod${before.metadata.uid}`
      const quota = (folder: string) => readFileSync(`${folder}/cpu.cfs_quota_us`, 'utf8').trim()
      assert.equal(quota(group), '30000')
      assert.equal(quota(`${group}/${main(after).containerID!.slice('containerd://'.length)}`), '30000')
    }
    await remove('grows')
  })

  test('the node is registered, ready, and holds a lease', async () => {
    const [node] = client.objects(nodes)
    assert.deepEqual(
      node!.status.conditions!.map(({ type, status, reason }) => [type, status, reason]),
      [
        ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
        ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
        ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
        ['Ready', 'True', 'KubeletReady'],
      ],
    )
    assert.equal(client.objects(leases)[0]!.spec.holderIdentity, 'node')
  })
}
