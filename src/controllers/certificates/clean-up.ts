import type { CertificateSigningRequest } from '../../api/types.generated.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem } from '../../machinery/x509/pem.ts'
import { timeOf } from '../pods/pod-state.ts'

const hourMs = 3_600_000

/** When nobody needs the request any more; undefined: never (certificates/cleaner/cleaner.go). */
export function uselessAt({ metadata, status }: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = status ?? {}
  const times: number[] = []
  const after = (since: string | null | undefined, ms: number) => {
    const time = timeOf(since)
    if (time !== undefined) times.push(time + ms)
  }
  if (conditions.length === 0) after(metadata.creationTimestamp, 24 * hourMs)
  for (const { type, lastUpdateTime } of conditions) {
    if (type === 'Approved') {
      after(lastUpdateTime, certificate ? hourMs : 24 * hourMs)
      const expiry = certificate && expiryOf(certificate)
      if (expiry) times.push(expiry)
    } else if (type === 'Denied' || type === 'Failed') after(lastUpdateTime, hourMs)
  }
  return times.length === 0 ? undefined : Math.min(...times)
}

function expiryOf(certificate: string): number | undefined {
  try {
    const [block] = decodePem(Buffer.from(certificate, 'base64').toString('latin1'))
    return block === undefined ? undefined : parseCertificate(block.bytes).notAfter
  } catch {
    return undefined
  }
}
