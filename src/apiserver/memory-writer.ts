import { alreadyExists, notFound, staleWrite } from '../machinery/errors.ts'
import type { MemoryLister } from './memory-lister.ts'
import type { ObjectWriter } from './object-writer.ts'

/** An ObjectWriter onto a MemoryLister, for tests. Counts what it wrote. */
export function createMemoryWriter(lister: MemoryLister): ObjectWriter & { writes: number } {
  let revision = 1
  const versioned = <T extends { metadata: object }>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(++revision) },
  })
  return {
    writes: 0,
    async create(ref, object) {
      const { namespace = '', name = '' } = object.metadata
      if (lister.get(ref, namespace, name) !== undefined) throw alreadyExists(ref, name)
      this.writes++
      const made = versioned(object)
      lister.put(ref, made)
      return made
    },
    async update(ref, object) {
      const { namespace = '', name = '', resourceVersion } = object.metadata
      const stored = lister.get(ref, namespace, name)
      if (stored === undefined) throw notFound(ref, name)
      if (resourceVersion !== undefined && stored.metadata.resourceVersion !== resourceVersion)
        throw staleWrite(ref, name)
      this.writes++
      const made = versioned(object)
      lister.put(ref, made)
      return made
    },
    async patch(ref, { namespace = '', name }, _type, configuration) {
      const stored = lister.get(ref, namespace, name)
      if (stored === undefined) throw notFound(ref, name)
      this.writes++
      const { metadata: _, ...parts } = configuration as Record<string, unknown>
      const made = versioned({ ...stored, ...parts })
      lister.put(ref, made)
      return made
    },
    async delete(ref, { namespace = '', name }) {
      this.writes++
      lister.delete(ref, namespace, name)
    },
  }
}
