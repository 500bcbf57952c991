import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { csiDrivers } from '../../api/storage/v1/csi-driver.ts'
import type { PersistentVolume, Pod } from '../../api/types.generated.ts'
import type { InformerFactory } from '../../client/informer.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { isPodTerminal } from '../pods/pod-state.ts'
import { claimKeysOf } from '../volumeprotection/claim-use.ts'
import { attachable, type AttachableVolume, uniqueName } from './attachment.ts'

const podsOfNode = 'podsOfNode'
const podsOfClaim = 'podsOfClaim'

export interface WantedVolume {
  readonly of: AttachableVolume
  readonly pods: Pod[]
}

/** Which volumes are to be attached to a node, for its pods. */
export class WantedVolumes {
  readonly pods
  readonly claims
  readonly volumes
  readonly drivers

  constructor(informers: InformerFactory) {
    this.pods = informers.for(pods)
    this.claims = informers.for(persistentVolumeClaims)
    this.volumes = informers.for(persistentVolumes)
    this.drivers = informers.for(csiDrivers)
    this.pods.addIndex(podsOfNode, ({ spec }: Pod) => (spec.nodeName ? [spec.nodeName] : []))
    this.pods.addIndex(podsOfClaim, (pod: KubeObject) => claimKeysOf(pod as Pod))
  }

  podsOfClaim(key: string): readonly Pod[] {
    return this.pods.byIndex(podsOfClaim, key)
  }
  attachable(volume: PersistentVolume): AttachableVolume | undefined {
    return attachable(volume, (name) => this.drivers.get(name))
  }
  attachableNamed(name: string | undefined): AttachableVolume | undefined {
    const volume = this.volumes.get(name ?? '')
    return volume && this.attachable(volume)
  }
  /** By their names in the node's status. */
  on(node: string): ReadonlyMap<string, WantedVolume> {
    const wanted = new Map<string, WantedVolume>()
    for (const pod of this.pods.byIndex(podsOfNode, node)) {
      if (isPodTerminal(pod)) continue
      for (const key of claimKeysOf(pod)) {
        const claim = this.claims.get(key)
        const of = this.attachableNamed(claim?.spec.volumeName)
        if (of === undefined || of.volume.spec.claimRef?.uid !== claim?.metadata.uid) continue
        const entry = wanted.get(uniqueName(of)) ?? { of, pods: [] }
        wanted.set(uniqueName(of), entry)
        entry.pods.push(pod)
      }
    }
    return wanted
  }
}
