import { bytes, bytesMap, int32, message, string } from '../../../machinery/grpc/message.ts'

/** k8s.io/kms apis/v2/api.proto, service v2.KeyManagementService. */
export const statusRequest = message({})
export const statusResponse = message({ version: string(1), healthz: string(2), keyId: string(3) })
export const encryptRequest = message({ plaintext: bytes(1), uid: string(2) })
export const encryptResponse = message({ ciphertext: bytes(1), keyId: string(2), annotations: bytesMap(3) })
export const decryptRequest = message({
  ciphertext: bytes(1),
  uid: string(2),
  keyId: string(3),
  annotations: bytesMap(4),
})
export const decryptResponse = message({ plaintext: bytes(1) })

/** How a value lies in the store (apiserver pkg/storage/value/encrypt/envelope/kmsv2/v2/api.proto). */
export const encryptedObject = message({
  encryptedData: bytes(1),
  keyId: string(2),
  encryptedDekSource: bytes(3),
  annotations: bytesMap(4),
  encryptedDekSourceType: int32(5),
})

/** What `encryptedDekSource` is in clear: the key itself, or a seed from which each value's key is derived. */
export const dekSourceTypes = { aesGcmKey: 0, hkdfSeed: 1 } as const
