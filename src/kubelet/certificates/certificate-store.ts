import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import { formatTime, type Clock } from '../../machinery/clock.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import type { KeyPair } from './key-pair.ts'

/** Where a key pair outlives the process. */
export interface CertificateStore {
  /** Undefined: there is none that can be used. */
  load(): KeyPair | undefined
  save(pair: KeyPair): void
}

/** Throws when certificate and key cannot be read, or do not belong together. */
export function readKeyPair(cert: string, key: string): KeyPair {
  const [leaf] = decodePem(cert).filter(({ type }) => type === 'CERTIFICATE')
  if (leaf === undefined) throw new Error('there is no certificate')
  const certificate = parseCertificate(leaf.bytes)
  const { publicKey } = certificate
  const own = createPrivateKey(key)
  if (!publicKey.equals(createPublicKey(own))) throw new Error('the certificate is not that of the key')
  return { cert, key, certificate }
}

/**
 * `FOLDER/NAME-current.pem` leads to the newest file `NAME-TIME.pem`, which holds certificate and key, as a kubelet keeps
 * them (client-go util/certificate certificate_store.go). Older ones go, since their keys still open doors.
 */
export function fileCertificateStore(options: {
  readonly folder: string
  readonly name: string
  readonly clock: Clock
}): CertificateStore {
  const { folder, name, clock } = options
  const current = join(folder, `${name}-current.pem`)
  return {
    load() {
      try {
        const blocks = decodePem(readFileSync(current, 'utf8'))
        const pem = (isKey: boolean) =>
          blocks
            .filter(({ type }) => type.endsWith('PRIVATE KEY') === isKey)
            .map(({ type, bytes }) => encodePem(type, bytes))
            .join('')
        return readKeyPair(pem(false), pem(true))
      } catch {
        // Nothing hangs on one that cannot be read: another is asked for.
        return undefined
      }
    },
    save({ cert, key }) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const time = formatTime(clock.now()).replace(/Z$/, '').replaceAll(/[T:]/g, '-')
      const file = `${name}-${time}.pem`
      const before = linkTarget(current)
      writeSynced(join(folder, file), `${cert.trimEnd()}\n${key.trimEnd()}\n`)
      const updated = join(folder, `${name}-updated.pem`)
      rmSync(updated, { force: true })
      symlinkSync(file, updated)
      renameSync(updated, current)
      if (before !== undefined && before !== file) rmSync(join(folder, before), { force: true })
    },
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
