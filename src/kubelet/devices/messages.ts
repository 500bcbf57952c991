import { bool, list, many, message, one, string } from '../../machinery/grpc/message.ts'

/** What kubelet and plugins say to each other (k8s.io/kubelet pkg/apis: pluginregistration/v1, dra/v1 and v1beta1). */

export const infoRequest = message({})
export const pluginInfo = message({
  type: string(1),
  name: string(2),
  endpoint: string(3),
  supportedVersions: list(4, 'string'),
})
export const registrationStatus = message({ registered: bool(1), error: string(2) })
export const registrationAnswer = message({})

const registration = '/pluginregistration.Registration'
export const getInfo = { path: `${registration}/GetInfo`, request: infoRequest, answer: pluginInfo }
export const notifyStatus = {
  path: `${registration}/NotifyRegistrationStatus`,
  request: registrationStatus,
  answer: registrationAnswer,
}

const claim = message({ namespace: string(1), uid: string(2), name: string(3) })
const device = message({
  requestNames: list(1, 'string'),
  poolName: string(2),
  deviceName: string(3),
  cdiDeviceIds: list(4, 'string'),
  shareId: string(5),
})
const prepared = message({ devices: many(1, device), error: string(2) })
const unprepared = message({ error: string(1) })
export const claimsRequest = message({ claims: many(1, claim) })
// On the wire a map is a list of its entries.
export const prepareAnswer = message({ claims: many(1, message({ key: string(1), value: one(2, prepared) })) })
export const unprepareAnswer = message({ claims: many(1, message({ key: string(1), value: one(2, unprepared) })) })

/** `version`: `v1`, or `v1beta1`, which says the same. */
export const prepareMethod = (version: string) => ({
  path: `/k8s.io.kubelet.pkg.apis.dra.${version}.DRAPlugin/NodePrepareResources`,
  request: claimsRequest,
  answer: prepareAnswer,
})
export const unprepareMethod = (version: string) => ({
  path: `/k8s.io.kubelet.pkg.apis.dra.${version}.DRAPlugin/NodeUnprepareResources`,
  request: claimsRequest,
  answer: unprepareAnswer,
})
