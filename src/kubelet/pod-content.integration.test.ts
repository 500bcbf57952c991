import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configMaps } from '../api/core/v1/config-map.ts'
import { secrets } from '../api/core/v1/secret.ts'
import { insideNamespaces } from './testing/inside-namespaces.ts'
import { NodeUnderTest, app, main, phase, pod } from './testing/node-under-test.ts'

if (insideNamespaces(import.meta.url)) {
  const node = new NodeUnderTest()

  test('what a container is told: variables, hosts, resolver, hostname', async () => {
    await node.create(
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
    const done = await node.until('told', phase('Succeeded'))
    const ip = done.status.podIP!
    assert.deepEqual(node.log(done), [
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
    await node.client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('conf'),
      data: { a: '1', b: '2' },
    })
    const data = { pass: Buffer.from('geheim').toString('base64') }
    await node.client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: meta('sec'), data })
    await node.create(
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
    const { metadata } = await node.until('files', phase('Running'))
    const mounted = () => readFileSync('/proc/mounts', 'utf8').includes(`${metadata.uid}/volumes`)
    assert.equal(mounted(), true)
    await node.client.patch(configMaps, meta('conf'), 'merge', { data: { a: 'new' } })
    const done = await node.until('files', phase('Succeeded'))
    assert.deepEqual(node.log(done), [
      '1 geheim',
      '0 4242',
      '640 4242',
      'a',
      'b',
      'labels',
      'pass',
      'geheim',
      'changed',
    ])
    assert.equal(mounted(), false)
  })

  test('a missing ConfigMap is told, and the pod starts once it is there', async () => {
    await node.create(
      pod('late', '', {
        volumes: [{ name: 'conf', configMap: { name: 'later', defaultMode: 0o644 } }],
        containers: [app('cat /conf/a', { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] })],
      }),
    )
    await node.until('late', () =>
      node
        .messages()
        .some(
          (text) =>
            text === 'late FailedMount: MountVolume.SetUp failed for volume "conf" : configmap "later" not found',
        ),
    )
    await node.client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'later', namespace: 'default' },
      data: { a: 'x' },
    })
    assert.deepEqual(node.log(await node.until('late', phase('Succeeded'))), ['x'])
  })

  test('a part of a volume is mounted, and never one outside of it', async () => {
    await node.create(
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
    assert.deepEqual(node.log(await node.until('parts', phase('Succeeded'))), ['in', 'in', 'new', '1024'])
    await node.create(
      pod('escape', '', {
        volumes: [{ name: 'work', emptyDir: {} }],
        initContainers: [
          app('ln -s /etc /work/out', { name: 'init', volumeMounts: [{ name: 'work', mountPath: '/work' }] }),
        ],
        containers: [app('cat /out/passwd', { volumeMounts: [{ name: 'work', mountPath: '/out', subPath: 'out' }] })],
      }),
    )
    const refused = await node.until(
      'escape',
      (now) => main(now).state?.waiting?.reason === 'CreateContainerConfigError',
    )
    assert.equal(
      main(refused).state!.waiting!.message,
      'failed to prepare subPath for volumeMount "work" of container "main"',
    )
  })
}
