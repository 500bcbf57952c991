import type { Pressure } from '../node/node-status.ts'

/** What the node has left. */
export interface NodeObservation {
  readonly memoryAvailableBytes: number
  readonly diskAvailableBytes: number
  readonly diskCapacityBytes: number
  readonly inodesFree: number
  readonly inodes: number
}

export interface EvictionThresholds {
  readonly memoryAvailableBytes: number
  /** 0: the disk may fill. */
  readonly nodefsAvailablePercent: number
}

export interface StarvedResource {
  readonly resource: 'memory' | 'ephemeral-storage'
  /** In bytes. */
  readonly threshold: number
  readonly available: number
}

/** The resources of which too little is left, the most urgent first (upstream: pkg/kubelet/eviction/helpers.go). */
export function starved(seen: NodeObservation, thresholds: EvictionThresholds): readonly StarvedResource[] {
  const found: StarvedResource[] = []
  const { memoryAvailableBytes: threshold, nodefsAvailablePercent } = thresholds
  if (seen.memoryAvailableBytes < threshold) {
    found.push({ resource: 'memory', threshold, available: seen.memoryAvailableBytes })
  }
  const disk = Math.floor((seen.diskCapacityBytes * nodefsAvailablePercent) / 100)
  const fewInodes = nodefsAvailablePercent > 0 && seen.inodes > 0 && seen.inodesFree < seen.inodes * 0.05
  if (seen.diskAvailableBytes < disk || fewInodes) {
    found.push({ resource: 'ephemeral-storage', threshold: disk, available: seen.diskAvailableBytes })
  }
  return found
}

/** Conditions of pressure stay for five minutes after the last sign, so that the node does not flap. */
export class PressureMemory {
  readonly #holdMs: number
  #memoryUntil = 0
  #diskUntil = 0
  constructor(holdMs = 300_000) {
    this.#holdMs = holdMs
  }
  note(resources: readonly StarvedResource[], now: number): void {
    for (const { resource } of resources) {
      if (resource === 'memory') this.#memoryUntil = now + this.#holdMs
      else this.#diskUntil = now + this.#holdMs
    }
  }
  at(now: number): Pressure {
    return { memory: now < this.#memoryUntil, disk: now < this.#diskUntil, pid: false }
  }
}

export function pressureNames({ memory, disk, pid }: Pressure): readonly string[] {
  return [memory && 'MemoryPressure', disk && 'DiskPressure', pid && 'PIDPressure'].filter((name) => name !== false)
}
