import { generateKeyPair, type KeyObject } from 'node:crypto'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'

/** A private key of a pod, and the proof that the node holds it (PKCS #10, with nothing in it but the key). */
export interface PodKey {
  /** PKCS #8, PEM. */
  readonly pem: string
  /** DER. */
  readonly proof: Buffer
}

export async function createPodKey(keyType: string): Promise<PodKey> {
  const privateKey = await generate(keyType)
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    proof: createCertificateRequest({ subject: {}, privateKey }),
  }
}

function generate(keyType: string): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve(privateKey) : reject(error)
    switch (keyType) {
      case 'RSA3072':
        return generateKeyPair('rsa', { modulusLength: 3072 }, done)
      case 'RSA4096':
        return generateKeyPair('rsa', { modulusLength: 4096 }, done)
      case 'ECDSAP256':
        return generateKeyPair('ec', { namedCurve: 'P-256' }, done)
      case 'ECDSAP384':
        return generateKeyPair('ec', { namedCurve: 'P-384' }, done)
      case 'ECDSAP521':
        return generateKeyPair('ec', { namedCurve: 'P-521' }, done)
      case 'ED25519':
        return generateKeyPair('ed25519', {}, done)
      default:
        reject(new Error(`while generating keypair: unknown key type ${JSON.stringify(keyType)}`))
    }
  })
}
