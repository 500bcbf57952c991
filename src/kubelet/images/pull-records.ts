import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The secret from which the credentials of a pull came. */
export interface PullSecret {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Of the credentials, so that others of the same content count too. */
  readonly credentialHash: string
}

/** By repository: whether anyone may use the image under that name, or by which secrets it was pulled. */
interface PulledImage {
  readonly imageRef: string
  readonly repositories: Readonly<Record<string, 'anyone' | readonly PullSecret[]>>
}

/**
 * Who pulled which image with what, so that no pod runs a private image for which it shows no secret, merely because
 * another pod of the node had one (KEP-2535; pkg/kubelet/images/pullmanager, policy NeverVerifyPreloadedImages). Images that
 * came otherwise, such as by `skiff image load`, have no record and are anyone's.
 */
export interface PullRecords {
  /** Before a pull begins. A kubelet that ends meanwhile finds the image and takes it for pulled by nobody it knows. */
  begin(image: string): void
  /** After a pull that failed. */
  failed(image: string): void
  /** After a pull that gave `imageRef`, with this secret; undefined: without any, and so anyone's. */
  pulled(image: string, repository: string, imageRef: string, secret: PullSecret | undefined): void
  /** Whether a pod that shows these secrets must pull an image that is there. */
  mustPull(image: string, repository: string, imageRef: string, secrets: readonly PullSecret[]): boolean
  /** From here on each answer of `mustPull` is told, in upstream's words. */
  follow(told: (result: 'credentialPolicyAllowed' | 'credentialRecordFound' | 'mustAuthenticate') => void): void
  /** How many records there are: of pulled images, and of pulls that were begun. */
  counts(): { readonly pulled: number; readonly begun: number }
  /** Forgets all images but these. */
  keepOnly(imageRefs: readonly string[]): void
}

/** So many secrets of one image are noted without a pull. */
const mostNoted = 100

/** `folder`: where the records outlive the kubelet; undefined: nowhere. */
export function createPullRecords(folder: string | undefined): PullRecords {
  const pulledShelf = shelf<PulledImage>(folder && join(folder, 'pulled'))
  const intents = shelf<{ image: string }>(folder && join(folder, 'pulling'))
  const underWay = new Map<string, number>()

  const end = (image: string) => {
    const others = (underWay.get(image) ?? 1) - 1
    if (others > 0) underWay.set(image, others)
    else {
      underWay.delete(image)
      intents.remove(image)
    }
  }
  const note = (repository: string, imageRef: string, secret: PullSecret | undefined) => {
    const record = pulledShelf.get(imageRef) ?? { imageRef, repositories: {} }
    const known = record.repositories[repository]
    if (known === 'anyone') return
    const merged = secret === undefined ? 'anyone' : withSecret(known ?? [], secret)
    if (merged === known) return
    pulledShelf.put(imageRef, { imageRef, repositories: { ...record.repositories, [repository]: merged } })
  }

  const mayUse = (
    record: PulledImage,
    repository: string,
    imageRef: string,
    secrets: readonly PullSecret[],
  ): boolean => {
    const known = record.repositories[repository]
    if (known === 'anyone') return true
    for (const secret of secrets) {
      for (const cached of known ?? []) {
        const same = sameSecret(secret, cached)
        if (!same && secret.credentialHash !== cached.credentialHash) continue
        if ((known?.length ?? 0) < mostNoted) note(repository, imageRef, secret)
        return true
      }
    }
    return false
  }
  let told: Parameters<PullRecords['follow']>[0] = () => {}

  return {
    begin(image) {
      intents.put(image, { image })
      underWay.set(image, (underWay.get(image) ?? 0) + 1)
    },
    failed: end,
    pulled(image, repository, imageRef, secret) {
      note(repository, imageRef, secret)
      end(image)
    },
    follow: (listener) => void (told = listener),
    mustPull(image, repository, imageRef, secrets) {
      const record = pulledShelf.get(imageRef)
      if (record === undefined && intents.get(image) === undefined) {
        told('credentialPolicyAllowed')
        return false
      }
      const must = record === undefined || !mayUse(record, repository, imageRef, secrets)
      told(must ? 'mustAuthenticate' : 'credentialRecordFound')
      return must
    },
    counts: () => ({ pulled: pulledShelf.keys().length, begun: intents.keys().length }),
    keepOnly(imageRefs) {
      const kept = new Set(imageRefs)
      for (const imageRef of pulledShelf.keys()) if (!kept.has(imageRef)) pulledShelf.remove(imageRef)
    },
  }
}

const sameSecret = (a: PullSecret, b: PullSecret) => a.uid === b.uid && a.namespace === b.namespace && a.name === b.name

/** The same list when it has the secret already. */
function withSecret(known: readonly PullSecret[], secret: PullSecret): readonly PullSecret[] {
  if (known.some((one) => sameSecret(one, secret) && one.credentialHash === secret.credentialHash)) return known
  return [...known.filter((one) => !sameSecret(one, secret)), secret]
}

interface Shelf<T> {
  get(key: string): T | undefined
  keys(): readonly string[]
  put(key: string, value: T): void
  remove(key: string): void
}

/** Values by key, each in a file of its own that is replaced as a whole; all are kept in memory too. */
function shelf<T>(folder: string | undefined): Shelf<T> {
  const values = new Map<string, T>()
  const fileOf = (key: string) => join(folder ?? '', `sha256-${createHash('sha256').update(key).digest('hex')}`)
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      try {
        const { key, value } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { key: string; value: T }
        values.set(key, value)
      } catch {
        // A record that was half written says nothing.
        rmSync(join(folder, name), { force: true })
      }
    }
  }
  return {
    get: (key) => values.get(key),
    keys: () => [...values.keys()],
    put(key, value) {
      values.set(key, value)
      if (folder === undefined) return
      const file = fileOf(key)
      writeFileSync(`${file}.new`, JSON.stringify({ key, value }), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
    remove(key) {
      if (values.delete(key) && folder !== undefined) rmSync(fileOf(key), { force: true })
    },
  }
}
