import { readFileSync, statfsSync } from 'node:fs'
import os from 'node:os'

/** Facts about the machine that its node tells of itself. */
export interface Machine {
  readonly cpuCount: number
  readonly memoryBytes: number
  readonly swapBytes: number
  readonly machineId: string
  readonly systemUuid: string
  readonly bootId: string
  readonly kernelVersion: string
  readonly osImage: string
  /** `amd64`, `arm64` */
  readonly architecture: string
  readonly operatingSystem: string
}

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
const field = (text: string, name: string) => new RegExp(`^${name}[=:]\\s*"?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
const kilobytes = (text: string, name: string) => Number.parseInt(field(text, name), 10) * 1024

export function thisMachine(): Machine {
  const memory = read('/proc/meminfo')
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
  const machineId = read('/etc/machine-id').trim() || read('/var/lib/dbus/machine-id').trim()
  return {
    cpuCount: os.availableParallelism(),
    memoryBytes: kilobytes(memory, 'MemTotal') || os.totalmem(),
    swapBytes: kilobytes(memory, 'SwapTotal') || 0,
    machineId,
    systemUuid: read('/sys/class/dmi/id/product_uuid').trim() || machineId,
    bootId: read('/proc/sys/kernel/random/boot_id').trim(),
    kernelVersion: os.release(),
    osImage: field(read('/etc/os-release'), 'PRETTY_NAME') || os.version(),
    architecture: architectures[process.arch] ?? process.arch,
    operatingSystem: process.platform,
  }
}

/** Bytes of swap in use. */
export function usedSwap(): number {
  const text = read('/proc/meminfo')
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return bytes('SwapTotal') - bytes('SwapFree')
}

export interface DiskSpace {
  readonly capacityBytes: number
  readonly availableBytes: number
  readonly inodes: number
  readonly inodesFree: number
}

/** Of the file system that holds the folder. */
export function diskSpace(folder: string): DiskSpace {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(folder)
  return { capacityBytes: bsize * blocks, availableBytes: bsize * bavail, inodes: files, inodesFree: ffree }
}

/** Bytes that could be given to processes without swapping. */
export function availableMemory(): number {
  return kilobytes(read('/proc/meminfo'), 'MemAvailable') || os.freemem()
}
