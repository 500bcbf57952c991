/** The kubelet's front door: what `cluster/` and tests use. */
export { createKubelet, type Kubelet } from './kubelet.ts'
export { defaultPaths, type KubeletOptions, type KubeletPaths } from './options.ts'
export { createCriRuntime, type CriRuntimeOptions } from './runtimes/cri/runtime.ts'
export { createSimulatedRuntime, type SimulatedRuntimeOptions } from './runtimes/simulated/runtime.ts'
export type { SimulatedLatencies, SimulatedProcess, SimulatedProgram } from './runtimes/simulated/program.ts'
export type { Runtime } from './runtimes/runtime.ts'
export { createSimulatedHost } from './host/simulated-host.ts'
export { busyboxImage } from './images/archive/busybox.ts'
export {
  dockerArchive,
  hostArchitecture,
  type ImageArchitecture,
  type ImageContent,
} from './images/archive/docker-archive.ts'
export { pauseImage, pauseProgram } from './images/archive/pause.ts'
export { type TarEntry, tar } from './images/archive/tar.ts'
