import type { VersionConversion } from '../../define-version.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'

export const requestConversion: VersionConversion = {
  /** The deprecated way of asking for a certificate: the stable version knows it no more, and it is not taken here. */
  toHub(object) {
    const { spec } = object as KubeObject & { spec?: Readonly<Record<string, unknown>> }
    if (spec === undefined) return object
    const { pkixPublicKey: _, proofOfPossession: __, ...known } = spec
    return { ...object, spec: known }
  },
}
