import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCertificateProjection,
  Volume,
} from '../../api/types.generated.ts'
import type { PodCredentials } from '../certificates/pod-certificates.ts'
import type { DownwardFacts } from '../environment/downward-fields.ts'
import type { ReferencedObjects } from '../environment/environment.ts'
import type { MountTable } from './mount-table.ts'

/** One way to make a volume. Each lives in a folder of its own; `plugins.ts` lists them. */
export interface VolumePlugin {
  /** As in the names of folders: `kubernetes.io~empty-dir`. */
  readonly name: string
  readonly supports: (volume: Volume) => boolean
  /** Makes the volume, or finds that it is there and brings it up to date; any number of times. */
  mount(input: VolumeInput): Promise<MountedVolume>
  /** Its content follows objects of the API: it is brought up to date from time to time. */
  readonly follows: boolean
}

export interface VolumeInput {
  readonly volume: Volume
  readonly pod: Pod
  readonly facts: DownwardFacts
  /** The folder that is the volume's own; may not exist yet. */
  readonly folder: string
  readonly sources: VolumeSources
  readonly mounts: MountTable
  /** A fresh name for a folder of new content. */
  readonly stamp: () => string
}

export interface MountedVolume {
  /** Where it is on this machine. */
  readonly path: string
  /** Containers must not write to it, whatever they ask for. */
  readonly readOnly: boolean
}

/** What volumes are filled from. Objects that are not there throw NotFound. */
export interface VolumeSources extends ReferencedObjects {
  serviceAccountToken(pod: Pod, request: { audience?: string; expirationSeconds?: number }): Promise<string>
  /** PEM; throws when there is no such bundle, unless `optional`. */
  trustAnchors(query: TrustQuery): Promise<string>
  /** Throws until it is issued. `source`: its place among the sources of the volume. */
  podCertificate(pod: Pod, volume: string, source: number, wanted: PodCertificateProjection): Promise<PodCredentials>
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim>
  persistentVolume(name: string): Promise<PersistentVolume>
}

export interface TrustQuery {
  readonly name?: string
  readonly signerName?: string
  readonly labelSelector?: object
  readonly optional: boolean
}
