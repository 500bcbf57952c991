import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { labelNames } from '../containers/labels.ts'
import { isRuntimeError, type Runtime, type RuntimeErrorCode } from './runtime.ts'
import type { ContainerConfig, PodSandboxConfig, RuntimeEvent } from './types.ts'

/** What containers of the suite do: each runtime brings commands for it. */
export type ConformanceProgram =
  /** Runs until the stop signal, then ends with 0. */
  | 'obeys'
  /** Runs until it is killed. */
  | 'ignores'
  /** Ends with 3 at once. */
  | 'fails'

export interface RuntimeUnderTest {
  readonly runtime: Runtime
  /** In which the runtime's processes run. */
  readonly clock: Clock
  /** Is there from the start. */
  readonly image: string
  readonly command: (program: ConformanceProgram) => readonly string[]
  /** Prints `out` and ends with 4. */
  readonly execCommand: readonly string[]
  readonly logDirectory: string
  readonly cgroupParent: string
}

/** What every runtime does; `start` is called once, before the first test. */
export function runtimeConformance(name: string, start: () => Promise<RuntimeUnderTest>): void {
  let setup: Promise<RuntimeUnderTest> | undefined
  const get = () => (setup ??= start())
  const namespaces = { network: 'pod', pid: 'container', ipc: 'pod' } as const
  let count = 0

  const sandboxConfig = (under: RuntimeUnderTest): PodSandboxConfig => {
    const uid = `uid-${++count}`
    return {
      metadata: { name: `pod-${count}`, uid, namespace: 'suite', attempt: 0 },
      hostname: `pod-${count}`,
      logDirectory: `${under.logDirectory}/${uid}`,
      portMappings: [],
      labels: { [labelNames.podUid]: uid },
      annotations: { note: 'a' },
      cgroupParent: under.cgroupParent,
      securityContext: { namespaces, seccomp: { type: 'unconfined' } },
      sysctls: {},
    }
  }
  const containerConfig = (
    under: RuntimeUnderTest,
    sandbox: PodSandboxConfig,
    program: ConformanceProgram,
    container = 'main',
    attempt = 0,
  ): ContainerConfig => ({
    metadata: { name: container, attempt },
    image: { image: under.image },
    command: under.command(program),
    args: [],
    workingDir: '',
    env: [{ name: 'A', value: 'b=c' }],
    mounts: [],
    devices: [],
    labels: { ...sandbox.labels, [labelNames.containerName]: container },
    annotations: { hash: 'x' },
    logPath: `${container}/${attempt}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    securityContext: { namespaces, seccomp: { type: 'unconfined' } },
  })
  const run = async (under: RuntimeUnderTest, program: ConformanceProgram) => {
    const config = sandboxConfig(under)
    const sandboxId = await under.runtime.runPodSandbox(config, '')
    const id = await under.runtime.createContainer(sandboxId, containerConfig(under, config, program), config)
    await under.runtime.startContainer(id)
    return { config, sandboxId, id, uid: config.metadata.uid }
  }
  const remove = async ({ runtime }: RuntimeUnderTest, sandboxId: string) => {
    await runtime.stopPodSandbox(sandboxId)
    await runtime.removePodSandbox(sandboxId)
  }
  const until = async (under: RuntimeUnderTest, what: string, holds: () => Promise<boolean> | boolean) => {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (await holds()) return
      await sleep(under.clock, 50)
    }
    assert.fail(`never: ${what}`)
  }
  const code =
    (...codes: RuntimeErrorCode[]) =>
    (error: unknown) =>
      isRuntimeError(error, ...codes)
  const suite = (title: string, body: (under: RuntimeUnderTest) => Promise<void>) =>
    test(`${name}: ${title}`, { timeout: 60_000 }, async () => body(await get()))

  suite('says who it is and that it is ready', async ({ runtime }) => {
    assert.notEqual((await runtime.version()).runtimeVersion, '')
    const { conditions } = await runtime.status()
    for (const type of ['RuntimeReady', 'NetworkReady']) {
      assert.equal(conditions.find((condition) => condition.type === type)?.status, true, type)
    }
  })

  suite('a sandbox has an address, is found by its labels, and gives the address back when stopped', async (under) => {
    const { runtime } = under
    const config = sandboxConfig(under)
    const id = await runtime.runPodSandbox(config, '')
    const status = await runtime.podSandboxStatus(id)
    assert.equal(status.state, 'ready')
    assert.deepEqual(status.metadata, config.metadata)
    assert.match(status.ips[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/)
    assert.equal(status.namespaces.network, 'pod')
    assert.equal(status.annotations['note'], 'a')
    const found = await runtime.listPodSandboxes({
      labels: { [labelNames.podUid]: config.metadata.uid },
      state: 'ready',
    })
    assert.deepEqual(
      found.map((one) => one.id),
      [id],
    )
    await runtime.stopPodSandbox(id)
    assert.equal((await runtime.podSandboxStatus(id)).state, 'notReady')
    await runtime.stopPodSandbox(id)
    await runtime.removePodSandbox(id)
    await assert.rejects(runtime.podSandboxStatus(id), code('notFound'))
    await runtime.removePodSandbox(id)
  })

  suite('a container is created, runs, and ends by its signal', async (under) => {
    const { runtime } = under
    const config = sandboxConfig(under)
    const sandboxId = await runtime.runPodSandbox(config, '')
    const id = await runtime.createContainer(sandboxId, containerConfig(under, config, 'obeys'), config)
    assert.equal((await runtime.containerStatus(id)).state, 'created')
    await runtime.startContainer(id)
    const running = await runtime.containerStatus(id)
    assert.equal(running.state, 'running')
    assert.ok(running.startedAt > 0 && running.finishedAt <= 0)
    assert.equal(running.annotations['hash'], 'x')
    assert.equal(running.logPath, `${config.logDirectory}/main/0.log`)
    // A program needs a moment before it heeds signals.
    await sleep(under.clock, 300)
    await runtime.stopContainer(id, 10)
    const ended = await runtime.containerStatus(id)
    assert.deepEqual([ended.state, ended.exitCode], ['exited', 0])
    assert.ok(ended.finishedAt >= ended.startedAt)
    await runtime.stopContainer(id, 10)
    await runtime.removeContainer(id)
    await assert.rejects(runtime.containerStatus(id), code('notFound'))
    await runtime.removeContainer(id)
    await remove(under, sandboxId)
  })

  suite('a container that does not heed its signal is killed after its time', async (under) => {
    const { id, sandboxId } = await run(under, 'ignores')
    await sleep(under.clock, 300)
    const before = under.clock.monotonic()
    await under.runtime.stopContainer(id, 1)
    const took = under.clock.monotonic() - before
    assert.ok(took >= 900 && took < 8000, `${took}`)
    assert.equal((await under.runtime.containerStatus(id)).exitCode, 137)
    await remove(under, sandboxId)
  })

  suite('an end of its own is seen with its exit code', async (under) => {
    const { id, sandboxId } = await run(under, 'fails')
    await until(under, 'exited', async () => (await under.runtime.containerStatus(id)).state === 'exited')
    const status = await under.runtime.containerStatus(id)
    assert.deepEqual([status.exitCode, status.reason], [3, 'Error'])
    await remove(under, sandboxId)
  })

  suite('containers are listed by sandbox, state and labels', async (under) => {
    const { runtime } = under
    const first = await run(under, 'obeys')
    const second = await run(under, 'fails')
    await until(under, 'exited', async () => (await runtime.containerStatus(second.id)).state === 'exited')
    const ids = async (filter: Parameters<Runtime['listContainers']>[0]) =>
      (await runtime.listContainers(filter)).map(({ id }) => id)
    assert.deepEqual(await ids({ sandboxId: first.sandboxId }), [first.id])
    assert.deepEqual(await ids({ labels: { [labelNames.podUid]: second.uid } }), [second.id])
    assert.deepEqual(await ids({ labels: { [labelNames.podUid]: second.uid }, state: 'running' }), [])
    const [listed] = await runtime.listContainers({ id: first.id })
    assert.deepEqual([listed?.metadata.name, listed?.state, listed?.sandboxId], ['main', 'running', first.sandboxId])
    await remove(under, first.sandboxId)
    await remove(under, second.sandboxId)
  })

  suite('a sandbox takes its containers with it', async (under) => {
    const { id, sandboxId } = await run(under, 'ignores')
    await under.runtime.stopPodSandbox(sandboxId)
    assert.notEqual((await under.runtime.containerStatus(id)).state, 'running')
    await under.runtime.removePodSandbox(sandboxId)
    await assert.rejects(under.runtime.containerStatus(id), code('notFound'))
  })

  suite('the same name and attempt twice in a sandbox is refused', async (under) => {
    const { config, sandboxId } = await run(under, 'obeys')
    const again = containerConfig(under, config, 'obeys')
    await assert.rejects(under.runtime.createContainer(sandboxId, again, config), (error) => isRuntimeError(error))
    const next = containerConfig(under, config, 'obeys', 'main', 1)
    assert.ok(await under.runtime.createContainer(sandboxId, next, config))
    await remove(under, sandboxId)
  })

  suite('commands run in a container, with output, exit code and time limit', async (under) => {
    const { id, sandboxId } = await run(under, 'obeys')
    const result = await under.runtime.execSync(id, under.execCommand, 10)
    assert.deepEqual([Buffer.from(result.stdout).toString(), result.exitCode], ['out\n', 4])
    await assert.rejects(under.runtime.execSync(id, under.command('ignores'), 1), code('deadlineExceeded'))
    await remove(under, sandboxId)
    await assert.rejects(under.runtime.execSync(id, under.execCommand, 10), (error) => isRuntimeError(error))
  })

  suite('images are known by name and id, and what is missing is missing', async ({ runtime, image }) => {
    const found = await runtime.imageStatus({ image })
    assert.ok(found?.id.startsWith('sha256:'))
    assert.equal((await runtime.imageStatus({ image: found?.id ?? '' }))?.id, found?.id)
    assert.ok((await runtime.listImages()).some(({ repoTags }) => repoTags.includes(image)))
    assert.equal(await runtime.imageStatus({ image: 'skiff.local/absent:1' }), undefined)
  })

  suite('events name the pod, or there are none at all', async (under) => {
    const stop = new AbortController()
    const seen: RuntimeEvent[] = []
    let none = false
    const following = (async () => {
      try {
        for await (const event of under.runtime.events(stop.signal)) seen.push(event)
      } catch (error) {
        if (!isRuntimeError(error, 'unimplemented')) throw error
        none = true
      }
    })()
    await sleep(under.clock, 200)
    const { id, sandboxId, uid } = await run(under, 'fails')
    await until(
      under,
      'stopped',
      () => none || seen.some((event) => event.containerId === id && event.type === 'stopped'),
    )
    if (!none) assert.ok(seen.every((event) => event.containerId !== id || event.podUid === uid))
    await remove(under, sandboxId)
    stop.abort()
    await following
  })
}
