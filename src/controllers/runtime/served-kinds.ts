import type { ResourceRef } from '../../api/definition.ts'
import type { ServedResource } from '../../client/discovery.ts'
import { apiVersionOf, parseApiVersion } from '../../machinery/meta/object.ts'

/** Finds the resource of a kind, as references name kinds. */
export class ServedKinds {
  #byKind = new Map<string, ServedResource>()

  set(resources: readonly ServedResource[]): void {
    this.#byKind = new Map()
    for (const resource of resources) {
      const exact = `${apiVersionOf(resource)} ${resource.kind}`
      if (!this.#byKind.has(exact)) this.#byKind.set(exact, resource)
    }
  }
  /** In the version that is named; a version that is not the preferred one is addressed as it is. */
  find(apiVersion: string, kind: string): ResourceRef | undefined {
    const exact = this.#byKind.get(`${apiVersion} ${kind}`)
    if (exact !== undefined) return exact
    const { group, version } = parseApiVersion(apiVersion)
    for (const resource of this.#byKind.values())
      if (resource.group === group && resource.kind === kind) return { ...resource, version }
    return undefined
  }
}
