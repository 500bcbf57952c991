import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { insideNamespaces } from './testing/inside-namespaces.ts'
import { NodeUnderTest, app, main, phase, pod, ready } from './testing/node-under-test.ts'

if (insideNamespaces(import.meta.url)) {
  const node = new NodeUnderTest()

  test('a pod runs to its end: phase, exit code, last words and log are told', async () => {
    await node.create(pod('short', 'echo hello; echo bye >/dev/termination-log; exit 3'))
    const done = await node.until('short', phase('Failed'))
    const ended = main(done).state!.terminated!
    assert.equal(ended.exitCode, 3)
    assert.equal(ended.reason, 'Error')
    assert.equal(ended.message, 'bye\n')
    assert.deepEqual(node.log(done), ['hello'])
  })

  test('init containers run one after the other, a sidecar stays, then the app runs and all of it succeeds', async () => {
    await node.create(
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
    const done = await node.until('ordered', phase('Succeeded'))
    assert.deepEqual(node.log(done), ['one', 'side', 'two'])
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
    await node.create(pod('crash', 'exit 1', { restartPolicy: 'Always' }))
    const waiting = await node.until('crash', (now) => main(now).state?.waiting?.reason === 'CrashLoopBackOff')
    assert.equal(waiting.status.phase, 'Running')
    const { uid } = waiting.metadata
    assert.equal(
      main(waiting).state!.waiting!.message,
      `back-off 10s restarting failed container=main pod=crash_default(${uid})`,
    )
    assert.equal(main(waiting).restartCount, 1)
    assert.equal(main(waiting).lastState!.terminated!.exitCode, 1)
    await node.remove('crash')
  })

  test('probes: not ready until it says so, killed when it is not alive, with the events of upstream', async () => {
    await node.create(
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
    const running = await node.until('probed', phase('Running'))
    assert.equal(ready(running), false)
    assert.deepEqual(
      running.status.conditions!.find(({ type }) => type === 'Ready')!.message,
      'containers with unready status: [main]',
    )
    await node.until('probed', ready)
    const again = await node.until(
      'probed',
      (now) => main(now).restartCount === 1 && main(now).state?.running !== undefined,
    )
    assert.equal(main(again).lastState!.terminated!.exitCode, 137)
    assert.ok(node.messages().includes('probed Unhealthy: Liveness probe failed: '))
    assert.ok(node.messages().includes('probed Killing: Container main failed liveness probe, will be restarted'))
    await node.remove('probed')
  })

  test('probes over http and tcp reach the pod', async () => {
    await node.create(
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
    await node.until('served', ready)
    await node.remove('served')
  })

  test('hooks run: postStart before anything counts as running, preStop before the signal', async () => {
    await node.create(
      pod('hooked', '', {
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: 'work', hostPath: { path: join(node.folder, 'hooked'), type: 'DirectoryOrCreate' } }],
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
    await node.until('hooked', ready)
    await node.remove('hooked', 10)
    assert.equal(readFileSync(join(node.folder, 'hooked/log'), 'utf8'), 'started\nstopping\nterm\n')
  })

  test('images that are not there: never pulled, not to be had, not a name', async () => {
    const image = (name: string, more: object) => pod(name, '', { containers: [app('true', more)] })
    await node.create(image('never', { image: 'skiff.local/none:1', imagePullPolicy: 'Never' }))
    await node.create(image('absent', { image: '127.0.0.1:1/none:1' }))
    await node.create(image('wrong', { image: 'Not A Name' }))
    const waiting = async (name: string, reason: string) =>
      main(
        await node.until(
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
      await node.remove(name)
    }
  })

  test('what comes too late ends: activeDeadlineSeconds', async () => {
    await node.create(pod('deadline', 'sleep 1000', { activeDeadlineSeconds: 1 }))
    const { status } = await node.until('deadline', phase('Failed'))
    assert.equal(status.reason, 'DeadlineExceeded')
    assert.equal(status.message, 'Pod was active on the node longer than the specified deadline')
  })
}
