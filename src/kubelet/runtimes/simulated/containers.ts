import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Clock, sleep } from '../../../machinery/clock.ts'
import { RuntimeError } from '../runtime.ts'
import type { Container, ContainerConfig, ContainerResources, ContainerStatus, PodSandboxConfig } from '../types.ts'
import type { SimulatedProcess, SimulatedProgram } from './program.ts'

/** One simulated container. */
export class SimulatedContainer {
  readonly id: string
  readonly sandboxId: string
  readonly config: ContainerConfig
  readonly program: SimulatedProgram
  readonly process: SimulatedProcess
  readonly createdAt: number
  readonly #clock: Clock
  readonly #imageId: string
  readonly #logPath: string
  readonly #terminated = new AbortController()
  readonly #killed = new AbortController()
  readonly #onExit: (container: SimulatedContainer) => void
  readonly #exited = Promise.withResolvers<void>()
  #resources: ContainerResources | undefined
  #startedAt = 0
  #finishedAt = 0
  #exitCode: number | undefined

  constructor(options: {
    readonly id: string
    readonly sandboxId: string
    readonly config: ContainerConfig
    readonly sandbox: PodSandboxConfig
    readonly program: SimulatedProgram
    readonly imageId: string
    readonly clock: Clock
    readonly keepLogs: boolean
    readonly onExit: (container: SimulatedContainer) => void
  }) {
    const { config, sandbox, clock, keepLogs } = options
    this.id = options.id
    this.sandboxId = options.sandboxId
    this.config = config
    this.program = options.program
    this.createdAt = clock.now()
    this.#clock = clock
    this.#imageId = options.imageId
    this.#logPath = `${sandbox.logDirectory}/${config.logPath}`
    this.#resources = config.resources
    this.#onExit = options.onExit
    this.process = {
      config,
      sandbox,
      terminated: this.#terminated.signal,
      killed: this.#killed.signal,
      sleep: (milliseconds) => sleep(clock, milliseconds, this.#killed.signal),
      log: (line) => {
        if (keepLogs) this.#log(line)
      },
    }
  }

  get state(): ContainerStatus['state'] {
    return this.#exitCode !== undefined ? 'exited' : this.#startedAt > 0 ? 'running' : 'created'
  }

  start(): void {
    if (this.state !== 'created') throw new RuntimeError('unknown', `container ${this.id} is ${this.state}`)
    this.#startedAt = this.#clock.now()
    const { run } = this.program
    if (run === undefined) return
    run(this.process).then(
      (code) => this.#exit(code),
      () => this.#exit(this.#killed.signal.aborted ? 137 : 1),
    )
  }

  /** Resolves when it has ended. */
  async stop(timeoutSeconds: number): Promise<void> {
    if (this.state === 'created') return this.#exit(0)
    if (this.state === 'exited') return
    this.#terminated.abort()
    if (this.program.run === undefined) return this.#exit(0)
    const ended = new AbortController()
    void this.#exited.promise.then(() => ended.abort())
    await sleep(this.#clock, timeoutSeconds * 1000, ended.signal).catch(() => {})
    this.kill()
  }
  kill(): void {
    if (this.state === 'exited') return
    this.#killed.abort()
    this.#exit(137)
  }
  update(resources: ContainerResources): void {
    this.#resources = { ...this.#resources, ...resources }
  }

  #exit(code: number): void {
    if (this.#exitCode !== undefined) return
    this.#exitCode = code
    this.#finishedAt = this.#clock.now()
    this.#exited.resolve()
    this.#onExit(this)
  }

  #log(line: string): void {
    mkdirSync(dirname(this.#logPath), { recursive: true })
    appendFileSync(this.#logPath, `${new Date(this.#clock.now()).toISOString()} stdout F ${line}\n`)
  }

  container(): Container {
    const { metadata, image, labels, annotations } = this.config
    const { id, sandboxId, state, createdAt } = this
    return {
      id,
      sandboxId,
      metadata,
      image,
      imageRef: this.#imageId,
      imageId: this.#imageId,
      state,
      createdAt,
      labels,
      annotations,
    }
  }
  status(): ContainerStatus {
    const { metadata, image, labels, annotations, mounts } = this.config
    const exitCode = this.#exitCode ?? 0
    return {
      id: this.id,
      metadata,
      state: this.state,
      createdAt: this.createdAt,
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      exitCode,
      image: { image: image.userSpecifiedImage ?? image.image },
      imageRef: this.#imageId,
      imageId: this.#imageId,
      reason: this.state !== 'exited' ? '' : exitCode === 0 ? 'Completed' : 'Error',
      message: '',
      labels,
      annotations,
      mounts,
      logPath: this.#logPath,
      resources: this.#resources,
    }
  }
}
