import type { ResourceRef, Verb } from '../api/definition.ts'
import { isReason } from '../machinery/errors.ts'
import { parseApiVersion } from '../machinery/meta/object.ts'
import type { Transport } from './transport.ts'

/** A resource that the server serves. */
export interface ServedResource extends ResourceRef {
  readonly singular?: string
  readonly verbs: readonly Verb[]
}

export interface Discovery {
  readonly resources: readonly ServedResource[]
  /** Groups of which nothing is known now (`group/version`), since their server does not answer. */
  readonly failed: readonly string[]
}

interface GroupDiscovery {
  readonly metadata: { readonly name?: string }
  readonly versions?: readonly {
    readonly version: string
    readonly freshness?: string
    readonly resources?: readonly {
      readonly resource: string
      readonly singularResource?: string
      readonly responseKind?: { readonly kind?: string }
      readonly scope: 'Namespaced' | 'Cluster'
      readonly verbs?: readonly Verb[]
    }[]
  }[]
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/**
 * All resources that the server serves, each once, in its preferred version (client-go ServerPreferredResources). Throws
 * only when the server tells nothing at all.
 */
export async function discover(transport: Transport): Promise<Discovery> {
  const { resources, failed } = await discoverAll(transport)
  const seen = new Set<string>()
  const preferred = resources.filter(({ group, resource }) => {
    const name = `${group}/${resource}`
    return !seen.has(name) && seen.add(name)
  })
  return { resources: preferred, failed }
}

/** The same in each version, preferred ones first within their group. */
export async function discoverAll(transport: Transport): Promise<Discovery> {
  const [core, groups] = await Promise.all([rootOf(transport, '/api'), rootOf(transport, '/apis')])
  const resources: ServedResource[] = []
  const failed: string[] = []
  for (const { metadata, versions = [] } of [...core, ...groups]) {
    const group = metadata.name ?? ''
    for (const { version, freshness, resources: list = [] } of versions) {
      if (freshness === 'Stale') failed.push(`${group}/${version}`)
      for (const { resource, singularResource: singular, responseKind, scope, verbs = [] } of list) {
        if (!responseKind?.kind) continue
        const { kind } = responseKind
        const namespaced = scope === 'Namespaced'
        resources.push({ group, version, kind, resource, ...(singular && { singular }), namespaced, verbs })
      }
    }
  }
  return { resources, failed }
}

async function rootOf(transport: Transport, path: string): Promise<readonly GroupDiscovery[]> {
  const { body } = await transport.request({ method: 'GET', path, accept: aggregated })
  const document = body as { kind?: string; items?: GroupDiscovery[] }
  if (document.kind === 'APIGroupDiscoveryList') return document.items ?? []
  return plainGroups(transport, path, body)
}

/** Of servers that do not know the aggregated form. */
async function plainGroups(transport: Transport, path: string, body: unknown): Promise<readonly GroupDiscovery[]> {
  const { groups, versions } = body as { groups?: PlainGroup[]; versions?: string[] }
  const wanted: { name: string; versions: string[] }[] =
    path === '/api'
      ? [{ name: '', versions: versions ?? ['v1'] }]
      : (groups ?? []).map(({ name, preferredVersion, versions = [] }) => {
          const all = versions.map(({ groupVersion }) => parseApiVersion(groupVersion).version)
          const first = preferredVersion && parseApiVersion(preferredVersion.groupVersion).version
          return { name, versions: first ? [first, ...all.filter((version) => version !== first)] : all }
        })
  return Promise.all(
    wanted.map(async ({ name, versions }) => ({
      metadata: { name },
      versions: await Promise.all(versions.map((version) => plainVersion(transport, path, name, version))),
    })),
  )
}

interface PlainGroup {
  readonly name: string
  readonly preferredVersion?: { readonly groupVersion: string }
  readonly versions?: readonly { readonly groupVersion: string }[]
}

async function plainVersion(transport: Transport, root: string, group: string, version: string) {
  const path = group === '' ? `${root}/${version}` : `${root}/${group}/${version}`
  try {
    const { body } = await transport.request({ method: 'GET', path })
    const { resources = [] } = body as { resources?: PlainResource[] }
    return {
      version,
      resources: resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, singularName, kind, namespaced, verbs }) => ({
          resource: name,
          singularResource: singularName,
          responseKind: { kind },
          scope: namespaced ? ('Namespaced' as const) : ('Cluster' as const),
          verbs,
        })),
    }
  } catch (error) {
    return isReason(error, 'NotFound') ? { version } : { version, freshness: 'Stale' }
  }
}

interface PlainResource {
  readonly name: string
  readonly singularName?: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
}
