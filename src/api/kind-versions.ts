import type { ResourceDefinition } from './definition.ts'

const versions = new Map<string, ResourceDefinition[]>()

/** Tells of a declared version of a kind; what is not loaded is not known. */
export function addVersion(definition: ResourceDefinition): void {
  const known = versions.get(definition.storagePrefix)
  if (known) known.push(definition)
  else versions.set(definition.storagePrefix, [definition])
}

/** The declared versions of a built-in kind, whose objects lie in one place, also those that are not served. */
export function versionsOf({
  storagePrefix,
}: Pick<ResourceDefinition, 'storagePrefix'>): readonly ResourceDefinition[] {
  return versions.get(storagePrefix) ?? []
}
