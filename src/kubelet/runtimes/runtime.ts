import type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerResources,
  ContainerStats,
  ContainerStatus,
  ExecSyncResult,
  FilesystemUsage,
  Image,
  ImageFilesystems,
  ImageSpec,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStats,
  PodSandboxStatus,
  PullCredentials,
  RuntimeEvent,
  RuntimeStatus,
  RuntimeVersion,
} from './types.ts'

/**
 * What runs pods: the CRI's nouns (cri-api pkg/apis/runtime/v1). `cri` speaks to containerd or another CRI runtime,
 * `simulated` runs in memory; both pass `conformance.ts`.
 *
 * Stop and remove succeed on what is gone already. Statuses of what is unknown throw a RuntimeError whose code is
 * `notFound`. Ids are opaque. Every call may throw a RuntimeError.
 */
export interface Runtime {
  readonly name: string
  version(): Promise<RuntimeVersion>
  status(): Promise<RuntimeStatus>
  /** Which driver the runtime uses for cgroups; undefined when it cannot tell (containerd before 2.0). */
  cgroupDriver(): Promise<'systemd' | 'cgroupfs' | undefined>

  /** Tells the range of the node's pods, for runtimes that give out addresses. */
  setPodCidr(cidr: string): Promise<void>

  /** Makes and starts a sandbox and its network; answers its id. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler: string): Promise<string>
  /** Stops every process in it and gives its network back. */
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<PodSandboxStatus>
  listPodSandboxes(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]>

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  /** Sends the stop signal, waits up to `timeoutSeconds`, then kills. Resolves once it has exited. */
  stopContainer(id: string, timeoutSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  containerStatus(id: string): Promise<ContainerStatus>
  listContainers(filter?: ContainerFilter): Promise<readonly Container[]>
  updateContainerResources(id: string, resources: ContainerResources): Promise<void>
  /** Tells the runtime that the log file was moved away. */
  reopenContainerLog(id: string): Promise<void>

  /** Runs a command to its end. `timeoutSeconds` 0: no limit; running over throws code `deadlineExceeded`. */
  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecSyncResult>
  exec(request: ExecRequest): Promise<StreamingTarget>
  attach(request: AttachRequest): Promise<StreamingTarget>
  portForward(sandboxId: string, ports: readonly number[]): Promise<StreamingTarget>

  listContainerStats(filter?: ContainerFilter): Promise<readonly ContainerStats[]>
  /** Empty where the runtime has none (containerd before 1.7). */
  listPodSandboxStats(filter?: PodSandboxFilter): Promise<readonly PodSandboxStats[]>

  listImages(): Promise<readonly Image[]>
  /** Undefined when the image is not there. */
  imageStatus(image: ImageSpec): Promise<Image | undefined>
  /** Answers the reference of the image that is there now (its id). */
  pullImage(image: ImageSpec, credentials: PullCredentials | undefined, sandbox: PodSandboxConfig): Promise<string>
  removeImage(image: ImageSpec): Promise<void>
  imageFilesystems(): Promise<ImageFilesystems>

  /** Events as they happen until the signal aborts; throws code `unimplemented` where there are none. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>
  close(): Promise<void>
}

export interface ExecRequest {
  readonly containerId: string
  readonly command: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}
export type AttachRequest = Omit<ExecRequest, 'command'>

/**
 * Where the bytes of exec, attach and port-forward flow: a URL of the runtime's own streaming server (SPDY or
 * WebSocket, to be proxied), or streams of this process.
 */
export type StreamingTarget =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'exec'; readonly run: (streams: ExecStreams) => Promise<number> }
  | { readonly kind: 'ports'; readonly dial: (port: number, socket: DuplexBytes) => Promise<void> }

export interface DuplexBytes {
  readonly readable: AsyncIterable<Uint8Array>
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
}
/** `run` resolves with the exit code once the program has ended. */
export interface ExecStreams {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly stdout?: (bytes: Uint8Array) => Promise<void>
  readonly stderr?: (bytes: Uint8Array) => Promise<void>
  /** Calls back with each new size of the terminal. */
  readonly onResize?: (callback: (size: { readonly width: number; readonly height: number }) => void) => void
  readonly signal?: AbortSignal
}

export type RuntimeErrorCode =
  | 'notFound'
  | 'alreadyExists'
  | 'invalidArgument'
  | 'deadlineExceeded'
  | 'unavailable'
  | 'unimplemented'
  | 'unauthenticated'
  | 'cancelled'
  | 'unknown'

/** `message` is what upstream prints of a failed call: `rpc error: code = NotFound desc = …`; `description` its last part. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly code: RuntimeErrorCode
  readonly description: string
  constructor(code: RuntimeErrorCode, description: string, options?: ErrorOptions) {
    super(`rpc error: code = ${grpcNames[code]} desc = ${description}`, options)
    this.code = code
    this.description = description
  }
}

const grpcNames: Record<RuntimeErrorCode, string> = {
  notFound: 'NotFound',
  alreadyExists: 'AlreadyExists',
  invalidArgument: 'InvalidArgument',
  deadlineExceeded: 'DeadlineExceeded',
  unavailable: 'Unavailable',
  unimplemented: 'Unimplemented',
  unauthenticated: 'Unauthenticated',
  cancelled: 'Canceled',
  unknown: 'Unknown',
}

export function isRuntimeError(error: unknown, ...codes: RuntimeErrorCode[]): error is RuntimeError {
  return error instanceof RuntimeError && (codes.length === 0 || codes.includes(error.code))
}

export type { FilesystemUsage }
