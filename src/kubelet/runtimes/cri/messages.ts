import {
  bool,
  bytes,
  int32,
  int64,
  list,
  many,
  map,
  message,
  one,
  string,
  uint32,
  wrapped,
} from '../../../machinery/grpc/message.ts'

/**
 * The messages and methods of `runtime.v1` that Skiff uses, as field numbers (facts of cri-api's api.proto at
 * v0.37.1). What is not listed is skipped when read.
 */
export const empty = message({})

const dnsConfig = message({ servers: list(1, 'string'), searches: list(2, 'string'), options: list(3, 'string') })
const portMapping = message({ protocol: int32(1), containerPort: int32(2), hostPort: int32(3), hostIp: string(4) })
const idMapping = message({ hostId: uint32(1), containerId: uint32(2), length: uint32(3) })
const userNamespace = message({ mode: int32(1), uids: many(2, idMapping), gids: many(3, idMapping) })
const namespaceOption = message({
  network: int32(1),
  pid: int32(2),
  ipc: int32(3),
  targetId: string(4),
  user: one(5, userNamespace),
})
const selinux = message({ user: string(1), role: string(2), type: string(3), level: string(4) })
const securityProfile = message({ profileType: int32(1), localhostRef: string(2) })
const sandboxSecurity = message({
  namespaces: one(1, namespaceOption),
  selinux: one(2, selinux),
  runAsUser: wrapped(3),
  readonlyRootfs: bool(4),
  supplementalGroups: list(5, 'int64'),
  privileged: bool(6),
  seccompProfilePath: string(7),
  runAsGroup: wrapped(8),
  seccomp: one(9, securityProfile),
  apparmor: one(10, securityProfile),
  supplementalGroupsPolicy: int32(11),
})
const hugepageLimit = message({ pageSize: string(1), limit: int64(2) })
export const linuxResources = message({
  cpuPeriod: int64(1),
  cpuQuota: int64(2),
  cpuShares: int64(3),
  memoryLimitBytes: int64(4),
  oomScoreAdj: int64(5),
  cpusetCpus: string(6),
  cpusetMems: string(7),
  hugepageLimits: many(8, hugepageLimit),
  unified: map(9),
  memorySwapLimitBytes: int64(10),
})
const linuxSandbox = message({
  cgroupParent: string(1),
  securityContext: one(2, sandboxSecurity),
  sysctls: map(3),
  overhead: one(4, linuxResources),
  resources: one(5, linuxResources),
})
const sandboxMetadata = message({ name: string(1), uid: string(2), namespace: string(3), attempt: uint32(4) })
export const sandboxConfig = message({
  metadata: one(1, sandboxMetadata),
  hostname: string(2),
  logDirectory: string(3),
  dns: one(4, dnsConfig),
  portMappings: many(5, portMapping),
  labels: map(6),
  annotations: map(7),
  linux: one(8, linuxSandbox),
})
const podIp = message({ ip: string(1) })
const networkStatus = message({ ip: string(1), additionalIps: many(2, podIp) })
const namespace = message({ options: one(2, namespaceOption) })
const linuxSandboxStatus = message({ namespaces: one(1, namespace) })
export const sandboxStatus = message({
  id: string(1),
  metadata: one(2, sandboxMetadata),
  state: int32(3),
  createdAt: int64(4),
  network: one(5, networkStatus),
  linux: one(6, linuxSandboxStatus),
  labels: map(7),
  annotations: map(8),
  runtimeHandler: string(9),
})
const stateValue = message({ state: int32(1) })
const sandboxFilter = message({ id: string(1), state: one(2, stateValue), labels: map(3) })
export const sandbox = message({
  id: string(1),
  metadata: one(2, sandboxMetadata),
  state: int32(3),
  createdAt: int64(4),
  labels: map(5),
  annotations: map(6),
  runtimeHandler: string(7),
})

export const imageSpec = message({
  image: string(1),
  annotations: map(2),
  userSpecifiedImage: string(18),
  runtimeHandler: string(19),
})
const keyValue = message({ key: string(1), value: bytes(2) })
export const mount = message({
  containerPath: string(1),
  hostPath: string(2),
  readonly: bool(3),
  selinuxRelabel: bool(4),
  propagation: int32(5),
  uidMappings: many(6, idMapping),
  gidMappings: many(7, idMapping),
  recursiveReadOnly: bool(8),
  image: one(9, imageSpec),
  imageSubPath: string(10),
})
const device = message({ containerPath: string(1), hostPath: string(2), permissions: string(3) })
const cdiDevice = message({ name: string(1) })
const capability = message({ add: list(1, 'string'), drop: list(2, 'string') })
const containerSecurity = message({
  capabilities: one(1, capability),
  privileged: bool(2),
  namespaces: one(3, namespaceOption),
  selinux: one(4, selinux),
  runAsUser: wrapped(5),
  runAsUsername: string(6),
  readonlyRootfs: bool(7),
  supplementalGroups: list(8, 'int64'),
  apparmorProfile: string(9),
  seccompProfilePath: string(10),
  noNewPrivs: bool(11),
  runAsGroup: wrapped(12),
  maskedPaths: list(13, 'string'),
  readonlyPaths: list(14, 'string'),
  seccomp: one(15, securityProfile),
  apparmor: one(16, securityProfile),
  supplementalGroupsPolicy: int32(17),
})
const linuxContainer = message({ resources: one(1, linuxResources), securityContext: one(2, containerSecurity) })
const containerMetadata = message({ name: string(1), attempt: uint32(2) })
export const containerConfig = message({
  metadata: one(1, containerMetadata),
  image: one(2, imageSpec),
  command: list(3, 'string'),
  args: list(4, 'string'),
  workingDir: string(5),
  envs: many(6, keyValue),
  mounts: many(7, mount),
  devices: many(8, device),
  labels: map(9),
  annotations: map(10),
  logPath: string(11),
  stdin: bool(12),
  stdinOnce: bool(13),
  tty: bool(14),
  linux: one(15, linuxContainer),
  cdiDevices: many(17, cdiDevice),
  stopSignal: int32(18),
})
const containerFilter = message({ id: string(1), state: one(2, stateValue), sandboxId: string(3), labels: map(4) })
export const container = message({
  id: string(1),
  sandboxId: string(2),
  metadata: one(3, containerMetadata),
  image: one(4, imageSpec),
  imageRef: string(5),
  state: int32(6),
  createdAt: int64(7),
  labels: map(8),
  annotations: map(9),
  imageId: string(10),
})
const containerResources = message({ linux: one(1, linuxResources) })
const linuxUser = message({ uid: int64(1), gid: int64(2), supplementalGroups: list(3, 'int64') })
const containerUser = message({ linux: one(1, linuxUser) })
export const containerStatus = message({
  id: string(1),
  metadata: one(2, containerMetadata),
  state: int32(3),
  createdAt: int64(4),
  startedAt: int64(5),
  finishedAt: int64(6),
  exitCode: int32(7),
  image: one(8, imageSpec),
  imageRef: string(9),
  reason: string(10),
  message: string(11),
  labels: map(12),
  annotations: map(13),
  mounts: many(14, mount),
  logPath: string(15),
  resources: one(16, containerResources),
  imageId: string(17),
  user: one(18, containerUser),
  stopSignal: int32(19),
})

const cpuUsage = message({ timestamp: int64(1), usageCoreNanoseconds: wrapped(2), usageNanocores: wrapped(3) })
const memoryUsage = message({
  timestamp: int64(1),
  workingSetBytes: wrapped(2),
  availableBytes: wrapped(3),
  usageBytes: wrapped(4),
  rssBytes: wrapped(5),
  pageFaults: wrapped(6),
  majorPageFaults: wrapped(7),
})
const filesystemId = message({ mountpoint: string(1) })
const filesystemUsage = message({
  timestamp: int64(1),
  id: one(2, filesystemId),
  usedBytes: wrapped(3),
  inodesUsed: wrapped(4),
})
const containerAttributes = message({ id: string(1), metadata: one(2, containerMetadata), labels: map(3) })
export const containerStats = message({
  attributes: one(1, containerAttributes),
  cpu: one(2, cpuUsage),
  memory: one(3, memoryUsage),
  writableLayer: one(4, filesystemUsage),
})
const interfaceUsage = message({
  name: string(1),
  rxBytes: wrapped(2),
  rxErrors: wrapped(3),
  txBytes: wrapped(4),
  txErrors: wrapped(5),
})
const networkUsage = message({
  timestamp: int64(1),
  defaultInterface: one(2, interfaceUsage),
  interfaces: many(3, interfaceUsage),
})
const processUsage = message({ timestamp: int64(1), processCount: wrapped(2) })
const linuxSandboxStats = message({
  cpu: one(1, cpuUsage),
  memory: one(2, memoryUsage),
  network: one(3, networkUsage),
  process: one(4, processUsage),
  containers: many(5, containerStats),
})
const sandboxAttributes = message({ id: string(1), metadata: one(2, sandboxMetadata), labels: map(3) })
export const sandboxStats = message({ attributes: one(1, sandboxAttributes), linux: one(2, linuxSandboxStats) })

export const image = message({
  id: string(1),
  repoTags: list(2, 'string'),
  repoDigests: list(3, 'string'),
  size: int64(4),
  uid: wrapped(5),
  username: string(6),
  pinned: bool(8),
})
const authConfig = message({
  username: string(1),
  password: string(2),
  auth: string(3),
  serverAddress: string(4),
  identityToken: string(5),
  registryToken: string(6),
})
const condition = message({ type: string(1), status: bool(2), reason: string(3), message: string(4) })
const runtimeStatus = message({ conditions: many(1, condition) })
const handlerFeatures = message({ recursiveReadOnlyMounts: bool(1), userNamespaces: bool(2) })
const handler = message({ name: string(1), features: one(2, handlerFeatures) })
const runtimeFeatures = message({ supplementalGroupsPolicy: bool(1), userNamespacesHostNetwork: bool(2) })

const runtimeService = '/runtime.v1.RuntimeService/'
const imageService = '/runtime.v1.ImageService/'
const method = <Request, Answer>(path: string, request: Request, answer: Answer) => ({ path, request, answer })
const sandboxId = message({ id: string(1) })
const containerId = message({ id: string(1) })

export const methods = {
  version: method(
    `${runtimeService}Version`,
    message({ version: string(1) }),
    message({ runtimeName: string(2), runtimeVersion: string(3), runtimeApiVersion: string(4) }),
  ),
  status: method(
    `${runtimeService}Status`,
    empty,
    message({ status: one(1, runtimeStatus), handlers: many(3, handler), features: one(4, runtimeFeatures) }),
  ),
  runtimeConfig: method(
    `${runtimeService}RuntimeConfig`,
    empty,
    message({ linux: one(1, message({ cgroupDriver: int32(1) })) }),
  ),
  updateRuntimeConfig: method(
    `${runtimeService}UpdateRuntimeConfig`,
    message({ config: one(1, message({ network: one(1, message({ podCidr: string(1) })) })) }),
    empty,
  ),
  runPodSandbox: method(
    `${runtimeService}RunPodSandbox`,
    message({ config: one(1, sandboxConfig), runtimeHandler: string(2) }),
    sandboxId,
  ),
  stopPodSandbox: method(`${runtimeService}StopPodSandbox`, sandboxId, empty),
  removePodSandbox: method(`${runtimeService}RemovePodSandbox`, sandboxId, empty),
  podSandboxStatus: method(`${runtimeService}PodSandboxStatus`, sandboxId, message({ status: one(1, sandboxStatus) })),
  listPodSandbox: method(
    `${runtimeService}ListPodSandbox`,
    message({ filter: one(1, sandboxFilter) }),
    message({ items: many(1, sandbox) }),
  ),
  createContainer: method(
    `${runtimeService}CreateContainer`,
    message({ sandboxId: string(1), config: one(2, containerConfig), sandboxConfig: one(3, sandboxConfig) }),
    containerId,
  ),
  startContainer: method(`${runtimeService}StartContainer`, containerId, empty),
  stopContainer: method(`${runtimeService}StopContainer`, message({ id: string(1), timeout: int64(2) }), empty),
  removeContainer: method(`${runtimeService}RemoveContainer`, containerId, empty),
  containerStatus: method(
    `${runtimeService}ContainerStatus`,
    containerId,
    message({ status: one(1, containerStatus) }),
  ),
  listContainers: method(
    `${runtimeService}ListContainers`,
    message({ filter: one(1, containerFilter) }),
    message({ containers: many(1, container) }),
  ),
  updateContainerResources: method(
    `${runtimeService}UpdateContainerResources`,
    message({ id: string(1), linux: one(2, linuxResources) }),
    empty,
  ),
  reopenContainerLog: method(`${runtimeService}ReopenContainerLog`, containerId, empty),
  execSync: method(
    `${runtimeService}ExecSync`,
    message({ id: string(1), command: list(2, 'string'), timeout: int64(3) }),
    message({ stdout: bytes(1), stderr: bytes(2), exitCode: int32(3) }),
  ),
  exec: method(
    `${runtimeService}Exec`,
    message({
      id: string(1),
      command: list(2, 'string'),
      tty: bool(3),
      stdin: bool(4),
      stdout: bool(5),
      stderr: bool(6),
    }),
    message({ url: string(1) }),
  ),
  attach: method(
    `${runtimeService}Attach`,
    message({ id: string(1), stdin: bool(2), tty: bool(3), stdout: bool(4), stderr: bool(5) }),
    message({ url: string(1) }),
  ),
  portForward: method(
    `${runtimeService}PortForward`,
    message({ sandboxId: string(1), ports: list(2, 'int32') }),
    message({ url: string(1) }),
  ),
  listContainerStats: method(
    `${runtimeService}ListContainerStats`,
    message({ filter: one(1, message({ id: string(1), sandboxId: string(2), labels: map(3) })) }),
    message({ stats: many(1, containerStats) }),
  ),
  listPodSandboxStats: method(
    `${runtimeService}ListPodSandboxStats`,
    message({ filter: one(1, message({ id: string(1), labels: map(2) })) }),
    message({ stats: many(1, sandboxStats) }),
  ),
  containerEvents: method(
    `${runtimeService}GetContainerEvents`,
    empty,
    message({ containerId: string(1), type: int32(2), createdAt: int64(3), sandbox: one(4, sandboxStatus) }),
  ),
  listImages: method(`${imageService}ListImages`, empty, message({ images: many(1, image) })),
  imageStatus: method(
    `${imageService}ImageStatus`,
    message({ image: one(1, imageSpec) }),
    message({ image: one(1, image) }),
  ),
  pullImage: method(
    `${imageService}PullImage`,
    message({ image: one(1, imageSpec), auth: one(2, authConfig), sandboxConfig: one(3, sandboxConfig) }),
    message({ imageRef: string(1) }),
  ),
  removeImage: method(`${imageService}RemoveImage`, message({ image: one(1, imageSpec) }), empty),
  imageFsInfo: method(
    `${imageService}ImageFsInfo`,
    empty,
    message({ images: many(1, filesystemUsage), containers: many(2, filesystemUsage) }),
  ),
} as const

/** Values of the enum Signal (cri-api): 1–65, in this order. */
export const signals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM'.split(
    ' ',
  ),
  ...'TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN'.split(' '),
  ...Array.from({ length: 15 }, (_, index) => `RTMINPLUS${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `RTMAXMINUS${14 - index}`),
  'RTMAX',
].map((name) => `SIG${name}`)
