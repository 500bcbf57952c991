import type { VersionConversion } from '../../define-version.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'

/** The deprecated way of asking for a certificate: the stable version knows it no more, and it is not taken here. */
const gone = ['pkixPublicKey', 'proofOfPossession']

export const requestConversion: VersionConversion = {
  toHub(object) {
    const { spec } = object as KubeObject & { spec?: Readonly<Record<string, unknown>> }
    if (spec === undefined) return object
    return { ...object, spec: Object.fromEntries(Object.entries(spec).filter(([name]) => !gone.includes(name))) }
  },
}
