import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authority, loadAuthority, newKeyPair, privateKeyPem } from '../../apiserver/pki/authority.ts'
import type { Pki } from '../../apiserver/pki/pki.ts'
import { type Clock, systemClock } from '../../machinery/clock.ts'
import type { ExtendedKeyUsage } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import type { ClientName } from './exchange.fixture.ts'

const minute = 60_000

/** Certificates of all sorts; each is the administrator's but for what its name says. */
export function clientsOf(pki: Pki): Record<ClientName, { readonly cert?: string; readonly key?: string }> {
  const { publicKey, privateKey } = newKeyPair()
  const key = privateKeyPem(privateKey)
  const subject = { commonName: 'kubernetes-admin', organizations: ['system:masters'] }
  const signed = (authority: Authority, lifetimeMs: number, usage: ExtendedKeyUsage = 'clientAuth') => ({
    key,
    cert: encodePem(
      'CERTIFICATE',
      authority.sign(
        { subject, publicKey, keyUsage: ['digitalSignature', 'keyEncipherment'], extendedKeyUsage: [usage] },
        lifetimeMs,
      ),
    ),
  })
  const folder = mkdtempSync(join(tmpdir(), 'skiff-another-authority-'))
  const another = loadAuthority({ base: join(folder, 'ca'), commonName: 'kubernetes', clock: systemClock })
  rmSync(folder, { recursive: true })
  const tomorrow: Clock = { ...systemClock, now: () => systemClock.now() + 24 * 60 * minute }
  const laterSelf = loadAuthority({ base: `${pki.folder}/ca`, commonName: 'kubernetes', clock: tomorrow })
  const { certificatePem: cert, privateKeyPem: adminKey } = pki.admin()
  return {
    admin: { cert, key: adminKey },
    nobody: {},
    // Certificates hold from a little before they are signed.
    expired: signed(pki.clusterAuthority, -minute),
    'not yet': signed(laterSelf, minute),
    'of nobody': signed(another, minute),
    'of a server': signed(pki.clusterAuthority, 60 * minute, 'serverAuth'),
  }
}
