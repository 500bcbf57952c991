import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

/** A claim that was given to drivers, or is about to be. In the words of upstream's file. */
export interface ClaimRecord {
  readonly ClaimUID: string
  readonly ClaimName: string
  readonly Namespace: string
  readonly PodUIDs: Readonly<Record<string, Record<string, never>>>
  readonly DriverState: Readonly<Record<string, DriverRecord>>
}
export interface DriverRecord {
  readonly Devices: readonly DeviceRecord[] | null
  readonly skipNodeOperations?: readonly string[]
}
export interface DeviceRecord {
  readonly PoolName: string
  readonly DeviceName: string
  readonly ShareID: string | null
  readonly RequestNames: readonly string[] | null
  readonly CDIDeviceIDs: readonly string[] | null
}

/**
 * What a kubelet that comes after this one has to know: which claims it must take back from drivers. The file is
 * upstream's (cm/dra/state), so that either kubelet can take over from the other.
 */
export interface ClaimCheckpoint {
  /** Throws where the file is damaged: what is in it cannot be guessed. */
  read(): readonly ClaimRecord[]
  write(claims: readonly ClaimRecord[]): void
}

export function createClaimCheckpoint(path: string): ClaimCheckpoint {
  return {
    read() {
      let content: string
      try {
        content = readFileSync(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
      }
      const { Data, Checksum } = JSON.parse(content) as { readonly Data: string; readonly Checksum: number }
      if (crc32(Data) !== Checksum) throw new Error(`checkpoint is corrupted: ${path}`)
      return (
        (JSON.parse(Data) as { readonly ClaimInfoStateList: readonly ClaimRecord[] | null }).ClaimInfoStateList ?? []
      )
    },
    write(claims) {
      const Data = JSON.stringify({
        kind: 'DRACheckpoint',
        apiVersion: 'checkpoint.dra.kubelet.k8s.io/v1',
        ClaimInfoStateList: claims,
      })
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(`${path}.tmp`, JSON.stringify({ Data, Checksum: crc32(Data) }), { mode: 0o600, flush: true })
      renameSync(`${path}.tmp`, path)
    },
  }
}
