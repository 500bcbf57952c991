import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { formatTime } from '../src/machinery/clock.ts'
import { createCertificate } from '../src/machinery/x509/certificate.ts'
import { createCertificateRequest } from '../src/machinery/x509/certificate-request.ts'
import { encodePem } from '../src/machinery/x509/pem.ts'
import { optionalKinds } from '../src/api/optional-kinds.ts'
import { factsOfKind, schemaOfKind, type ResourceFacts } from '../src/api/schema/facts.ts'
import { parseApiVersion, type KubeObject } from '../src/machinery/meta/object.ts'
import type { Schema } from '../src/machinery/schema/schema.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json }
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly [member: string]: unknown }
  readonly [member: string]: unknown
}

/** A valid object of objects/*.yaml with what is known of its kind. */
export interface Declared {
  readonly manifest: Manifest
  readonly facts: ResourceFacts
  readonly schema: Schema
}

/** The namespace of all namespaced objects. */
export const namespace = 'diff'

const folder = join(import.meta.dirname, 'objects')

/** All declared objects, those of one kind side by side; certificates in them are made anew. */
export function declaredObjects(now: number): readonly Declared[] {
  const values = certificates(now)
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as Manifest[])
    .map((manifest) => filled(manifest, values))
    .flatMap((manifest) => [manifest, ...inOtherVersions(manifest)])
    .map((manifest) => {
      const { group, version } = parseApiVersion(manifest.apiVersion)
      const facts = factsOfKind(group, version, manifest.kind)
      const schema = schemaOfKind(group, version, manifest.kind)
      if (!facts || !schema) throw new Error(`${manifest.apiVersion} ${manifest.kind} is no kind of upstream's`)
      const metadata = facts.namespaced ? { ...manifest.metadata, namespace } : manifest.metadata
      return { manifest: { ...manifest, metadata } as Manifest, facts, schema }
    })
}

/** The same in the versions that are off by default, under names of their own. */
function inOtherVersions(manifest: Manifest): Manifest[] {
  const { group, version, kind } = { ...parseApiVersion(manifest.apiVersion), kind: manifest.kind }
  const others = optionalKinds.filter((each) => each.group === group && each.kind === kind && each.version !== version)
  return others.flatMap(({ version: other, rules }) => {
    if (rules.conversion === undefined) return []
    const made = rules.conversion.fromStorage(manifest as unknown as KubeObject) as unknown as Manifest
    return [{ ...made, metadata: { ...made.metadata, name: `${manifest.metadata.name}-${other}` } }]
  })
}

/** `/apis/apps/v1/namespaces/diff/deployments`, or without the namespace. */
export function collectionPath({ group, version, resource, namespaced }: ResourceFacts, within = namespace): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return namespaced && within !== '' ? `${root}/namespaces/${within}/${resource}` : `${root}/${resource}`
}

export function objectPath({ facts, manifest }: Declared): string {
  return `${collectionPath(facts)}/${encodeURIComponent(manifest.metadata.name ?? '')}`
}

/** `apps/v1 Deployment` */
export function kindName({ group, version, kind }: ResourceFacts): string {
  return `${group === '' ? version : `${group}/${version}`} ${kind}`
}

function filled<T>(value: T, values: Readonly<Record<string, string>>): T {
  if (typeof value === 'string') return (/^\$\{(\w+)\}$/.exec(value) ? values[value.slice(2, -1)] : value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => filled(item, values)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, values)])) as T
}

function certificates(now: number): Readonly<Record<string, string>> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const request = (commonName: string) => createCertificateRequest({ subject: { commonName }, privateKey })
  const subject = { commonName: 'root' }
  const certificate = (isCa: boolean) =>
    encodePem(
      'CERTIFICATE',
      createCertificate(
        {
          subject,
          publicKey,
          notBefore: now - 3_600_000,
          notAfter: now + 86_400_000_000,
          keyUsage: isCa ? ['certSign'] : ['digitalSignature'],
          isCa,
        },
        { subject, publicKey, privateKey },
      ),
    )
  const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
  return {
    request: base64(encodePem('CERTIFICATE REQUEST', request('ann'))),
    stub: base64(request('')),
    authority: certificate(true),
    bundle: base64(certificate(true)),
    certificate: base64(certificate(false)),
    now: formatTime(now),
  }
}
